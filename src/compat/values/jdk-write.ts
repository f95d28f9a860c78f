import { ClassDef } from '../../hessian/class-def.js';
import { isWrapper, unwrap } from './class-map.js';
import { writeLoose } from './loose-write.js';
import { isNone, type Types, type Write } from './types.js';
import type { ValueWriter } from './writer.js';

const bool: Write = (w, value) => w.writeBoolean(Boolean(unwrap(value) ?? false));
const boxedBool: Write = (w, value) => {
  const plain = unwrap(value);
  if (isNone(plain)) w.writeNull();
  else w.writeBoolean(Boolean(plain));
};

const int: Write = (w, value) => {
  if (typeof value === 'number') w.int(value);
  else w.int(integer(unwrap(value) ?? 0));
};
const boxedInt: Write = (w, value) => {
  const plain = unwrap(value);
  if (isNone(plain)) w.writeNull();
  else w.int(integer(plain));
};

function integer(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const number = Number.parseInt(value, 10);
  return Number.isNaN(number) ? value : number;
}

const long: Write = (w, value) => w.long(unwrap(value) ?? 0);
const boxedLong: Write = (w, value) => {
  const plain = unwrap(value);
  if (isNone(plain)) w.writeNull();
  else w.long(plain);
};

const double: Write = (w, value) => w.double(unwrap(value) ?? 0);
const boxedDouble: Write = (w, value) => {
  const plain = unwrap(value);
  if (isNone(plain)) w.writeNull();
  else w.double(plain);
};

export const string: Write = (w, value) => {
  if (typeof value === 'string') {
    w.writeString(value);
    return;
  }
  const plain = unwrap(value);
  if (isNone(plain)) w.writeNull();
  else w.string(typeof plain === 'number' ? plain.toString() : plain);
};

const date: Write = (w, value) => {
  const plain = unwrap(value);
  if (isNone(plain)) w.writeNull();
  else w.date(typeof plain === 'string' ? Date.parse(plain) : plain);
};

/** A class with one field, which a value may be given for instead of the object. */
function handle(def: ClassDef, fieldOf: (value: unknown) => unknown, write: Write = string): Write {
  return (w, value, app) => {
    const plain = unwrap(value);
    if (isNone(plain)) {
      w.writeNull();
      return;
    }
    // A text or number that comes again is referred to, as an object would be.
    if (w.checkRef(plain)) return;
    const field = fieldOf(plain);
    w.beginObject(def);
    write(w, field, app);
  };
}

/** A text where nothing else will do: not even a number or a wrapper. */
const strictString: Write = (w, value) => w.string(value);

type Fields = Readonly<Record<string, unknown>>;

const javaClass = handle(
  new ClassDef('java.lang.Class', ['name']),
  (value) => {
    if (typeof value === 'object') return (value as Fields).name;
    const isArray = typeof value === 'string' && value.includes('[');
    return isArray ? `[L${value.replace(/(\[L)|(\[)|;/g, '')};` : value;
  },
  strictString,
);

const currency = handle(
  new ClassDef('java.util.Currency', ['currencyCode']),
  (value) => (typeof value === 'object' && (value as Fields).currencyCode) || value,
  strictString,
);

const decimal = handle(new ClassDef('java.math.BigDecimal', ['value']), (value) =>
  String(typeof value === 'object' ? (value as Fields).value || 0 : value),
);

const locale = handle(
  new ClassDef('com.caucho.hessian.io.LocaleHandle', ['value']),
  (value) => (typeof value === 'object' ? (value as Fields).value : value),
  strictString,
);

const atomicLong = handle(
  new ClassDef('java.util.concurrent.atomic.AtomicLong', ['value']),
  (value) => (typeof value === 'object' ? (value as Fields).value || 0 : value),
  long,
);

const FRAME = new ClassDef('java.lang.StackTraceElement', [
  'declaringClass',
  'methodName',
  'fileName',
  'lineNumber',
]);

const stackFrame: Write = (w, value, app) => {
  const plain = unwrap(value);
  if (isNone(plain)) {
    w.writeNull();
    return;
  }
  if (w.checkRef(plain)) return;
  w.beginObject(FRAME);
  const { declaringClass, methodName, fileName, lineNumber } = plain as Fields;
  string(w, declaringClass, app);
  string(w, methodName, app);
  string(w, fileName, app);
  int(w, lineNumber, app);
};

const EXCEPTION_FIELDS = ['detailMessage', 'stackTrace', 'cause'];
const EXCEPTION = new ClassDef('java.lang.Exception', EXCEPTION_FIELDS);
export const RPC_SERVER_EXCEPTION = new ClassDef(
  'com.alipay.remoting.rpc.exception.RpcServerException',
  EXCEPTION_FIELDS,
);

/** An Error's name and message as a Java exception. The stack stays here: Java gets an empty one. */
export function writeError(w: ValueWriter, def: ClassDef, error: Pick<Error, 'name' | 'message'>): void {
  w.beginObject(def);
  w.writeString(`${error.name}: ${error.message}`);
  w.skipRef();
  w.endList(w.beginList('[java.lang.StackTraceElement', 0));
  w.writeNull();
}

const exception: Write = (w, value) => {
  const plain = unwrap(value);
  if (isNone(plain)) w.writeNull();
  else if (w.checkRef(plain)) return;
  else if (plain instanceof Error) writeError(w, EXCEPTION, plain);
  else writeLoose(w, { $class: 'java.lang.Exception', $: plain });
};

/** The classes of the JDK that are written in their own way, whatever the class map says of them. */
const WRITES = new Map<string, Write>([
  ['bool', bool],
  ['boolean', bool],
  ['java.lang.Boolean', boxedBool],
  ['int', int],
  ['java.lang.Integer', boxedInt],
  ['short', int],
  ['java.lang.Short', boxedInt],
  ['byte', int],
  ['java.lang.Byte', boxedInt],
  ['long', long],
  ['java.lang.Long', boxedLong],
  ['double', double],
  ['java.lang.Double', boxedDouble],
  ['float', double],
  ['java.lang.Float', boxedDouble],
  ['char', string],
  ['java.lang.Character', string],
  ['java.lang.String', string],
  ['java.util.Date', date],
  ['java.lang.Class', javaClass],
  ['java.util.Currency', currency],
  ['java.math.BigDecimal', decimal],
  ['java.util.Locale', locale],
  ['java.util.concurrent.atomic.AtomicLong', atomicLong],
  ['java.lang.StackTraceElement', stackFrame],
  ['java.lang.Exception', exception],
]);

/** How a class of the JDK is written that holds no other values. */
export function scalarWrite(type: string): Write | undefined {
  return WRITES.get(type);
}

export function jdkWrite(type: string, types: Types): Write | undefined {
  return type === 'java.lang.Object' ? anything(types) : scalarWrite(type);
}

/** A value of a declared type that says nothing: what is wrapped is written as the class map of the application says. */
export function anything(types: Types): Write {
  return (w, value, app) => {
    if (isWrapper(value)) types.within(app).of(value)(w, value.$, undefined);
    else writeLoose(w, value);
  };
}
