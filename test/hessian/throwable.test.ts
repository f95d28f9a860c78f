import { describe, expect, it } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { defineError } from '../../src/contract/define-error.js';
import { t } from '../../src/contract/t.js';
import { RemoteError } from '../../src/core/errors.js';
import { ClassDef } from '../../src/hessian/class-def.js';
import { CodecCache } from '../../src/hessian/compile.js';
import type { Grammar } from '../../src/hessian/grammar.js';
import { decode } from '../../src/hessian/public.js';
import { createReader } from '../../src/hessian/reader.js';
import { throwableCodec, writeThrowable } from '../../src/hessian/throwable.js';
import { createWriter } from '../../src/hessian/writer.js';
import type { ErrorNode } from '../../src/values/schema.js';
import { hessianRows } from '../wire/vectors.js';
import { read, write } from './typed.js';

const Detail = defineClass('com.acme.Detail', { code: t.int });
const NotFound = defineError('com.acme.NotFoundException', { id: t.long, detail: Detail });
const Gone = defineError('com.acme.GoneException', { since: t.Date }, { extends: NotFound });
const SofaRpc = defineError('com.alipay.sofa.rpc.core.exception.SofaRpcException', { errorType: t.int });

function thrown(grammar: Grammar, error: RemoteError): Buffer {
  const writer = createWriter(grammar);
  writeThrowable(writer, error, new CodecCache(grammar));
  return Buffer.from(writer.out.written());
}

function caught(grammar: Grammar, nodes: readonly ErrorNode[], bytes: Buffer | string): RemoteError {
  const reader = createReader(grammar);
  reader.reset(typeof bytes === 'string' ? Buffer.from(bytes, 'hex') : bytes);
  const error = throwableCodec(nodes, new CodecCache(grammar)).read(reader);
  expect(reader.atEnd).toBe(true);
  return error as RemoteError;
}

const nodes = [NotFound.node, SofaRpc.node];

describe.each(['sofa', 'final'] as const)('exceptions in the grammar %s', (grammar) => {
  const rows = new Map(hessianRows(grammar).map((row) => [row.name, row.hex]));
  const row = (name: string) => rows.get(name) as string;
  const stack = 'at com.example.Svc.run(Svc.java:42)\nat com.example.Main.main(Native Method)';

  it('of Java, that no contract knows', () => {
    const error = caught(grammar, nodes, row('throwable/RuntimeException'));
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      className: 'java.lang.RuntimeException',
      message: 'boom',
      remoteStack: stack,
    });
    expect(error.cause).toBeUndefined();
    expect(error.fields).toEqual({});
    expect(caught(grammar, nodes, row('throwable/nullmsg')).message).toBe('');
    expect(caught(grammar, nodes, row('throwable/suppressed')).message).toBe('with-suppressed');
  });

  it('of Java, that the contract declares, with its own fields', () => {
    const error = caught(grammar, nodes, row('throwable/SofaRpcException'));
    expect(error).toBeInstanceOf(SofaRpc);
    expect(error).toMatchObject({ message: 'busy', fields: { errorType: 100 }, remoteStack: stack });
    const timeout = caught(grammar, nodes, row('throwable/SofaTimeOut'));
    expect(timeout).not.toBeInstanceOf(SofaRpc);
    expect(timeout.fields).toEqual({ errorType: 200 });
  });

  it('ours, there and back, with fields and without a stack of this process', () => {
    const error = new NotFound({ id: 7n, detail: { code: 3 }, message: 'no such' });
    const bytes = thrown(grammar, error);
    expect(bytes.includes('throwable.test')).toBe(false);
    const back = caught(grammar, nodes, bytes);
    expect(back).toBeInstanceOf(NotFound);
    expect(back).toMatchObject({ message: 'no such', id: 7n, detail: { code: 3 }, remoteStack: '' });
    expect(back.cause).toBeUndefined();
  });

  it('a listed subclass, and the fields that it inherits', () => {
    const back = caught(
      grammar,
      nodes,
      thrown(grammar, new Gone({ since: new Date(5), id: 1n, detail: null, message: 'g' })),
    );
    expect(back).toBeInstanceOf(Gone);
    expect(NotFound.is(back)).toBe(true);
    expect(back.fields).toEqual({ since: new Date(5), id: 1n, detail: null });
  });

  it('a cause that came from Java goes back to Java, one of this process does not', () => {
    const java = new RemoteError({ className: 'java.io.IOException', message: 'disk', fields: { code: 5 } });
    const back = caught(
      grammar,
      nodes,
      thrown(grammar, new NotFound({ id: 1n, detail: null, message: 'm', cause: java })),
    );
    expect(back.cause).toMatchObject({
      className: 'java.io.IOException',
      message: 'disk',
      fields: { code: 5 },
    });
    const own = new NotFound({ id: 1n, detail: null, message: 'm', cause: new Error('secret') });
    expect(thrown(grammar, own).includes('secret')).toBe(false);
    expect(caught(grammar, nodes, thrown(grammar, own)).cause).toBeUndefined();
  });

  it('is read without a contract as well', () => {
    const bytes = thrown(
      grammar,
      new RemoteError({ className: 'java.lang.IllegalStateException', message: 'x' }),
    );
    expect(decode(bytes, { grammar })).toMatchObject({
      className: 'java.lang.IllegalStateException',
      message: 'x',
    });
  });

  it('with a message alone, or a stack of four fields a frame', () => {
    const writer = createWriter(grammar);
    writer.skipRefs(1);
    writer.writeObjectBegin(
      new ClassDef('com.acme.NotFoundException', ['stackTrace', 'detailMessage', 'unknown']),
    );
    writer.skipRefs(1);
    const marked = writer.beginList('[java.lang.StackTraceElement', 1);
    writer.skipRefs(1);
    writer.writeObjectBegin(
      new ClassDef('java.lang.StackTraceElement', ['declaringClass', 'methodName', 'fileName', 'lineNumber']),
    );
    for (const text of ['a.B', 'c', 'B.java']) writer.writeString(text);
    writer.writeInt(12);
    writer.endList(marked);
    writer.writeString('m');
    writer.writeString('skipped');
    const error = caught(grammar, nodes, Buffer.from(writer.out.written()));
    expect(error).toMatchObject({ message: 'm', remoteStack: 'at a.B.c(B.java:12)', id: 0n, detail: null });
  });

  it('one exception twice is one exception', () => {
    const list = t.List(t.Object);
    const both = read(list, grammar, row('throwable/list2')) as RemoteError[];
    expect(both.map(({ message }) => message)).toEqual(['a', 'b']);
    const errors = {
      node: { kind: 'list', javaName: 'java.util.List', nullable: true, element: NotFound.node },
    };
    const error = new NotFound({ id: 1n, detail: null, message: 'm' });
    const back = read(errors, grammar, write(errors, grammar, [error, error, null])) as unknown[];
    expect(back[0]).toBe(back[1]);
    expect(back[2]).toBeNull();
    expect(() => write(errors, grammar, [new Error('plain')])).toThrow(
      '[0]: expected com.acme.NotFoundException, got an Error',
    );
  });

  it('a wrong value of its own field is refused with the path', () => {
    const error = new NotFound({ id: 1n, detail: { code: 'x' } as never, message: 'm' });
    expect(() => thrown(grammar, error)).toThrow('detail.code: expected int, got string');
  });

  it('something else than an exception is refused', () => {
    expect(() => caught(grammar, nodes, write(t.String, grammar, 'x'))).toThrow(
      'expected java.lang.Throwable, got string',
    );
  });
});
