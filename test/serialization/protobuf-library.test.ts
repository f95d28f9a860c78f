import { expect, test } from 'vitest';
import { protobufLibrary } from '../../src/serialization/protobuf-library.js';

test('where protobufjs is not installed, the error says what to install, and why it could not be loaded', async () => {
  const cause = Object.assign(new Error("Cannot find package 'protobufjs'"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
  await expect(protobufLibrary(() => Promise.reject(cause))).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: 'loadProtobuf needs the package protobufjs, which could not be loaded: npm install protobufjs@8',
    cause,
  });
});

test('a protobufjs that reads an int64 as an object of its own, as those before 8 do, is told apart', async () => {
  const type = { decode: () => ({}), toObject: () => ({ n: { low: 1, high: 0, unsigned: false } }) };
  const old = { parse: () => ({ root: { lookupType: () => type } }) };
  await expect(protobufLibrary(async () => ({ default: old as never }))).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/too old: .*: npm install protobufjs@8$/),
  });
});
