import { describe, expect, it } from 'vitest';
import { defineError } from '../../src/contract/define-error.js';
import { t } from '../../src/contract/t.js';
import { MeshError, RemoteError } from '../../src/core/errors.js';

const Failure = defineError('com.acme.BizException', { code: t.String, at: t.Date });
const NotFound = defineError(
  'com.acme.Errors$NotFoundException',
  { id: t.long, hint: t.String },
  { extends: Failure },
);

describe('defineError', () => {
  it('makes a class to throw, whose fields are properties', () => {
    const cause = new Error('disk');
    const error = new NotFound({ id: 42n, code: 'E1', message: 'no such person', cause });
    expect(error).toBeInstanceOf(NotFound);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toBeInstanceOf(MeshError);
    expect(error).toMatchObject({
      id: 42n,
      hint: null,
      at: null,
      className: 'com.acme.Errors$NotFoundException',
      name: 'NotFoundException',
      message: 'no such person',
      remoteStack: '',
      cause,
    });
    expect(NotFound.name).toBe('NotFoundException');
  });

  it('keeps a field that an error has already in fields alone', () => {
    const error = new Failure({ code: 'E1' });
    expect(error.code).toBe('REMOTE_FAILURE');
    expect(error.fields.code).toBe('E1');
    const odd = new (defineError('com.acme.Odd', { toString: t.String, name: t.String }))({
      toString: 'x',
      name: 'y',
    });
    expect(`${odd}`).toBe('Odd');
    expect(odd.fields).toEqual({ toString: 'x', name: 'y' });
  });

  it('reads a long as a bigint, however it was given', () => {
    expect(new NotFound({ id: 42 }).id).toBe(42n);
    expect(() => new NotFound({ id: 2 ** 53 })).toThrow(
      'new NotFoundException: id: 9007199254740992 is not a safe integer.',
    );
  });

  it('refuses a field that is missing and cannot be null', () => {
    // @ts-expect-error id is missing
    expect(() => new NotFound({ message: 'x' })).toThrow(
      'new NotFoundException: id is missing, and long cannot be null.',
    );
  });

  it('takes the field of the subclass where a base declares it too', () => {
    const Base = defineError('com.acme.Base', { id: t.long });
    const Hiding = defineError('com.acme.Hiding', { id: t.String }, { extends: Base });
    expect(new Hiding({}).id).toBeNull();
    expect(new Hiding({ id: 'x' }).fields).toEqual({ id: 'x' });
  });

  it('is made by the decoder from its parts', () => {
    const cause = new Error('inner');
    const error = NotFound.node.create({
      message: null,
      fields: { id: 1n, hint: 'look', code: null, at: null },
      remoteStack: 'at A.b(A.java:1)',
      cause,
    });
    expect(error).toBeInstanceOf(NotFound);
    expect(error).toMatchObject({
      id: 1n,
      hint: 'look',
      message: '',
      remoteStack: 'at A.b(A.java:1)',
      cause,
    });
  });

  it("takes Java's own message field for the message", () => {
    const Own = defineError('com.acme.Own', { message: t.String });
    expect(
      Own.node.create({ message: null, fields: { message: 'own' }, remoteStack: '', cause: undefined })
        .message,
    ).toBe('own');
    const made = new Own({ message: 'given' });
    expect(made.message).toBe('given');
    expect(made.fields.message).toBe('given');
  });

  it('describes itself to the codec', () => {
    expect(NotFound.node).toMatchObject({
      kind: 'error',
      javaName: 'com.acme.Errors$NotFoundException',
      parent: Failure.node,
    });
    expect(NotFound.node.fields().map(({ name }) => name)).toEqual(['id', 'hint', 'code', 'at']);
    expect([...Failure.node.subclasses]).toEqual([['com.acme.Errors$NotFoundException', NotFound.node]]);
    expect(NotFound.javaName).toBe('com.acme.Errors$NotFoundException');
  });

  it('answers is for itself and subclasses alone', () => {
    const error = new NotFound({ id: 1n });
    expect(NotFound.is(error)).toBe(true);
    expect(Failure.is(error)).toBe(true);
    expect(NotFound.is(new Failure({}))).toBe(false);
    expect(NotFound.is(new RemoteError({ className: NotFound.javaName }))).toBe(false);
    expect(NotFound.is(new Error('x'))).toBe(false);
    expect(NotFound.is(null)).toBe(false);
  });

  it('answers is for the same error of another copy of the contract', () => {
    const copy = defineError(NotFound.javaName, { id: t.long });
    expect(NotFound.is(new copy({ id: 1n }))).toBe(true);
  });

  it('can be a base class of JavaScript', () => {
    class Mine extends NotFound {
      get label(): string {
        return `person ${this.id}`;
      }
    }
    const error = new Mine({ id: 7n });
    expect(error.label).toBe('person 7');
    expect(NotFound.is(error)).toBe(true);
    expect(error.className).toBe(NotFound.javaName);
  });

  it('refuses bad names, fields and bases', () => {
    expect(() => defineError('not a class', {})).toThrow(MeshError);
    expect(() => defineError('com.acme.E', { id: 1 })).toThrow(/id: expected a type/);
    expect(() => defineError('com.acme.E', { cause: t.Object })).toThrow(/every exception has cause already/);
    // @ts-expect-error Error was not made by defineError
    expect(() => defineError('com.acme.E', {}, { extends: Error })).toThrow(/made by defineError/);
  });
});
