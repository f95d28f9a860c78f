import { ByteWriter } from '../../../src/core/bytes.js';
import { ClassDef } from '../../../src/hessian/class-def.js';
import { createWriter, type HessianWriter } from '../../../src/hessian/writer.js';
import type { Version } from './frames-old.js';
import type { Dice } from './frames-random.js';
import { bytes, date, number, text } from './frames-values.js';

/* Bodies as Java writes them: every class of values and every reference, whether a class map could make them or not. */

const def = (name: string, ...fields: string[]) => new ClassDef(name, fields);
const REQUEST = def(
  'com.alipay.sofa.rpc.core.request.SofaRequest',
  'targetAppName',
  'methodName',
  'targetServiceUniqueName',
  'requestProps',
  'methodArgSigs',
);
const RESPONSE = def(
  'com.alipay.sofa.rpc.core.response.SofaResponse',
  'isError',
  'errorMsg',
  'appResponse',
  'responseProps',
);
const STACK_FRAME = def(
  'java.lang.StackTraceElement',
  'declaringClass',
  'methodName',
  'fileName',
  'lineNumber',
);
const POJOS = [
  def('com.test.Person', 'id', 'name', 'tags', 'friend'),
  def('com.test.Empty'),
  def('com.test.Outer$Inner', 'this$0', 'value', 'this$1'),
  def('com.test.Twice', 'name', 'value', 'name'),
  def('com.test.Odd', 'constructor', '$x', 'with space', '$class', '9'),
  def('java.math.BigDecimal', 'value'),
  def('java.lang.Class', 'name'),
  def('com.test.Color', 'name'),
  def('java.util.Currency', 'currencyCode'),
  def('java.util.concurrent.atomic.AtomicLong', 'value'),
  def('com.test.Many', ...Array.from({ length: 20 }, (_, i) => `field${i}`)),
  def('com.test.OddException', 'message'),
];
const THROWABLES = [
  def('java.lang.RuntimeException', 'detailMessage', 'cause', 'stackTrace', 'suppressedExceptions'),
  def('com.test.BusinessException', 'code', 'detailMessage', 'stackTrace', 'cause'),
  def('java.lang.NoClassDefFoundError', 'detailMessage', 'cause', 'stackTrace'),
  def('com.test.ReasonException', 'reasonAndSolution', 'detailMessage', 'stackTrace'),
  def(
    'java.lang.reflect.UndeclaredThrowableException',
    'undeclaredThrowable',
    'detailMessage',
    'cause',
    'stackTrace',
  ),
  def('com.alipay.remoting.rpc.exception.RpcServerException', 'detailMessage', 'stackTrace', 'cause'),
];
const LISTS = [
  null,
  null,
  'java.util.HashSet',
  'java.util.LinkedList',
  '[int',
  '[string',
  '[com.test.Person',
  'java.util.Collections$UnmodifiableSet',
];
const MAPS = [null, null, 'java.util.TreeMap', 'java.util.LinkedHashMap', 'com.test.MapException'];
/** Of a long: where the predecessor makes it a text. */
const LONGS = [
  2n ** 53n,
  2n ** 53n - 1n,
  2n ** 53n + 1n,
  2n ** 53n + 2n ** 31n,
  2n ** 53n + 2n ** 32n,
  2n ** 63n - 1n,
  -(2n ** 53n),
  1n - 2n ** 53n,
  -(2n ** 53n) + 2n ** 31n,
  -(2n ** 53n) - 1n,
  -(2n ** 63n),
  2n ** 31n,
  0n,
];

/** Writes random bodies. */
export class WireValues {
  private readonly out = new ByteWriter();
  private readonly w: HessianWriter;
  /** What may be referred to. */
  private refs = 0;

  constructor(
    private readonly dice: Dice,
    version: Version,
  ) {
    this.w = createWriter(version === '3.0' ? 'sofa' : 'final', this.out);
  }

  request(): Buffer {
    const { dice, w } = this;
    const args = dice.int(0, 3);
    this.begin(REQUEST);
    w.writeNull();
    w.writeString('call');
    w.writeString('com.test.Service:1.0');
    if (dice.chance(0.5)) this.map(null, 2);
    else w.writeNull();
    this.list('[string', args, () => w.writeString('java.lang.Object'));
    for (let i = 0; i < args; i++) this.value(4);
    return Buffer.from(this.out.written());
  }

  response(): Buffer {
    const { dice, w } = this;
    const odd = dice.int(0, 40);
    if (odd === 0) w.writeString('failed');
    else if (odd === 1) this.throwable(3);
    else {
      const isError = dice.chance(0.1);
      this.begin(RESPONSE);
      w.writeBoolean(isError);
      if (isError) w.writeString('wrong');
      else w.writeNull();
      if (dice.chance(0.2)) this.throwable(3);
      else this.value(5);
      if (dice.chance(0.3)) this.map(null, 2);
      else w.writeNull();
    }
    return Buffer.from(this.out.written());
  }

  private begin(of: ClassDef): void {
    this.w.skipRefs(1);
    this.refs++;
    this.w.writeObjectBegin(of);
  }

  private value(depth: number): void {
    const { dice } = this;
    if (depth <= 0 || dice.chance(0.5)) this.leaf();
    else if (dice.chance(0.12)) this.w.writeRef(dice.int(0, this.refs - 1));
    else this.composite(depth - 1);
  }

  private leaf(): void {
    const { dice, w } = this;
    switch (dice.int(0, 8)) {
      case 0:
        w.writeNull();
        break;
      case 1:
        w.writeBoolean(dice.chance(0.5));
        break;
      case 2:
        w.writeInt(
          dice.pick([dice.int(-20, 50), dice.int(-300_000, 300_000), dice.int(-(2 ** 31), 2 ** 31 - 1)]),
        );
        break;
      case 3:
        w.writeLong(dice.chance(0.5) ? dice.pick(LONGS) : BigInt(dice.int(-300_000, 300_000)));
        break;
      case 4:
        w.writeDouble(number(dice));
        break;
      case 5:
        w.writeDate(dice.chance(0.1) ? dice.pick(LONGS) : date(dice).getTime() || 0);
        break;
      case 6:
        w.writeBytes(bytes(dice));
        break;
      default:
        w.writeString(text(dice));
        break;
    }
  }

  private composite(depth: number): void {
    const { dice } = this;
    switch (dice.int(0, 4)) {
      case 0:
        this.list(dice.pick(LISTS), dice.pick([0, 1, 3, 7, 8, 20]), () => this.value(depth - 1));
        break;
      case 1:
        this.map(dice.pick(MAPS), depth);
        break;
      case 2:
        this.throwable(depth);
        break;
      default:
        this.object(dice.pick(POJOS), depth);
        break;
    }
  }

  private list(type: string | null, length: number, item: () => void): void {
    this.w.skipRefs(1);
    this.refs++;
    const marked = this.w.beginList(type, length);
    for (let i = 0; i < length; i++) item();
    this.w.endList(marked);
  }

  private map(type: string | null, depth: number): void {
    const { dice, w } = this;
    w.skipRefs(1);
    this.refs++;
    w.beginMap(type);
    for (let i = dice.int(0, 4); i > 0; i--) {
      const key = dice.pick(['a', 'b', 'detailMessage', 'stackTrace', '1', 'name', text(dice)]);
      if (dice.chance(0.8)) w.writeString(key);
      else if (dice.chance(0.3)) this.object(dice.pick(POJOS.slice(4, 8)), 1);
      // Not a boolean: as the first key it is taken for a type by the predecessor.
      else w.writeLong(dice.pick(LONGS));
      if (key === 'stackTrace') this.list('[java.lang.StackTraceElement', 1, () => this.frame());
      else this.value(depth - 1);
    }
    w.endMap();
  }

  private object(of: ClassDef, depth: number): void {
    this.begin(of);
    for (let i = 0; i < of.fieldNames.length; i++) this.value(depth - 1);
  }

  private throwable(depth: number): void {
    const { dice, w } = this;
    const own = this.refs;
    const of = dice.pick(THROWABLES);
    this.begin(of);
    for (const field of of.fieldNames) {
      if (field === 'detailMessage') dice.chance(0.2) ? w.writeNull() : w.writeString(text(dice));
      else if (field === 'stackTrace')
        this.list('[java.lang.StackTraceElement', dice.int(0, 3), () => this.frame());
      else if (field === 'cause' || field === 'undeclaredThrowable') this.cause(own, depth);
      else if (field === 'suppressedExceptions') this.list('java.util.Collections$EmptyList', 0, () => {});
      else this.leaf();
    }
  }

  private cause(own: number, depth: number): void {
    const { dice, w } = this;
    if (dice.chance(0.5)) w.writeRef(own);
    else if (dice.chance(0.3) || depth <= 0) w.writeNull();
    else this.throwable(depth - 1);
  }

  private frame(): void {
    const { dice, w } = this;
    this.begin(STACK_FRAME);
    w.writeString('com.test.Main');
    w.writeString('main');
    if (dice.chance(0.2)) w.writeNull();
    else w.writeString('Main.java');
    w.writeInt(dice.int(-2, 9999));
  }
}
