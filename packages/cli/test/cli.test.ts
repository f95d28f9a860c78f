import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeFrame } from '../../../src/bolt/encode.js';
import { ByteWriter } from '../../../src/core/bytes.js';
import { boltRows, expectedRows, hessianRows } from '../../../test/wire/vectors.js';
import { main } from '../src/cli.js';

async function run(args: string[], stdin: string[] = []) {
  const out: string[] = [];
  const err: string[] = [];
  async function* lines() {
    yield* stdin;
  }
  const io = {
    stdin: lines(),
    stdout: (line: string) => out.push(line),
    stderr: (line: string) => err.push(line),
  };
  const exitCode = await main(args, io);
  return { exitCode, lines: out.map((line) => JSON.parse(line)), err };
}

test('every Bolt frame prints its fields and its body, every refused one an error', async () => {
  const rows = boltRows();
  const { bolt, body } = expectedRows();
  const { lines, exitCode } = await run(
    ['decode'],
    rows.map((row) => row.hex),
  );
  expect(exitCode).toBe(1);
  expect(lines).toHaveLength(rows.length);
  rows.forEach((row, i) => {
    if (bolt[row.name] !== undefined) {
      expect(lines[i]).toEqual({ error: expect.any(String), code: bolt[row.name].outcome });
      return;
    }
    expect(lines[i], row.name).toMatchObject(row.fields);
    const failed = body[row.name] !== undefined && body[row.name].outcome !== 'value';
    expect('error' in lines[i], row.name).toBe(failed);
    expect('body' in lines[i], row.name).toBe(!failed);
  });
});

test("a request's body is SofaRequest and the arguments, a response's the one value", async () => {
  const rows = boltRows();
  const hex = (name: string) => rows.find((row) => row.name === name)!.hex;
  const { lines } = await run(['decode', hex('v1-call/echoString.req'), hex('v1-call/echoString.resp')]);
  const text = { c: 'java.lang.String', v: 'hello 世界 😀' };
  expect(lines[0].body).toEqual([
    expect.objectContaining({ c: 'com.alipay.sofa.rpc.core.request.SofaRequest', id: 0 }),
    text,
  ]);
  expect(lines[1].body).toMatchObject({
    c: 'com.alipay.sofa.rpc.core.response.SofaResponse',
    f: { appResponse: text },
  });
});

function jsonFrame(content: string): string {
  const out = new ByteWriter();
  encodeFrame(out, { proto: 1, type: 0, cmdCode: 2, requestId: 1, codec: 12 }, '', [], Buffer.from(content));
  return out.written().toString('hex');
}

test('a protobuf body is hex, a JSON body is parsed, no content is null', async () => {
  const protobuf = boltRows().find((row) => row.name === 'v1-protobuf/pb.echo.req')!;
  const heartbeat = boltRows().find((row) => row.category === 'heartbeat')!;
  const { lines } = await run([
    'decode',
    protobuf.hex,
    heartbeat.hex,
    jsonFrame('{'),
    jsonFrame('{"__proto__":1}'),
  ]);
  expect(lines[0].body).toEqual({ protobuf: protobuf.hex.slice(protobuf.fields.contentOffset * 2) });
  expect(lines[1].body).toBeNull();
  expect(lines[2]).toMatchObject({ codec: 12, error: expect.stringContaining('not JSON') });
  expect(JSON.stringify(lines[3].body)).toBe('{"json":{"__proto__":1}}');
});

test.each(['sofa', 'final'] as const)('bare values of the %s grammar from a file', async (grammar) => {
  const rows = hessianRows(grammar).filter(
    (row) => row.javaRoundTrip === 'same' && row.factory === undefined,
  );
  const folder = mkdtempSync(join(tmpdir(), 'sofa-mesh-cli-'));
  try {
    const file = join(folder, 'values.hex');
    writeFileSync(file, rows.map((row) => row.hex).join('\n'));
    const { lines, exitCode } = await run(['decode', '--hessian', '--grammar', grammar, '--file', file]);
    expect(exitCode).toBe(0);
    expect(lines.map((line) => line.body)).toEqual(rows.map((row) => row.json));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a bad line prints an error, later lines go on, the exit code is 1', async () => {
  const { lines, exitCode } = await run(['decode', '--hessian'], ['91', 'zz', '5', '', '  ', '0101', '92']);
  expect(lines).toEqual([
    { body: { c: 'java.lang.Integer', v: 1 } },
    { error: expect.stringContaining('not hex at character 1'), code: 'INVALID_ARGUMENT' },
    { error: expect.stringContaining('not hex at character 1'), code: 'INVALID_ARGUMENT' },
    { body: { c: 'java.lang.String', v: '\u0001' } },
    { body: { c: 'java.lang.Integer', v: 2 } },
  ]);
  expect(exitCode).toBe(1);
});

test('several values of a line are an array, with --multi a single one too', async () => {
  const one = { c: 'java.lang.Integer', v: 1 };
  expect((await run(['decode', '--hessian', '9191'])).lines).toEqual([{ body: [one, one] }]);
  expect((await run(['decode', '--hessian', '--multi', '91'])).lines).toEqual([{ body: [one] }]);
});

test('hex of digits alone is not taken for a number, and may have spaces and 0x', async () => {
  const { lines } = await run(['decode', '--hessian', '0161', '0x0100', '01 31']);
  expect(lines.map((line) => line.body.v)).toEqual(['a', '\u0000', '1']);
});

test('several frames of a line, and one that ends too early', async () => {
  const [{ hex }] = boltRows();
  const { lines, exitCode } = await run(['decode', hex + hex + hex.slice(0, 100)]);
  expect(lines).toHaveLength(3);
  expect(lines[1]).toEqual(lines[0]);
  expect(lines[2].error).toContain('ends inside a frame');
  expect(exitCode).toBe(1);
});

test('--generic shows objects as the generic calls of Java do', async () => {
  const row = hessianRows('sofa').find((candidate) => candidate.name === 'generic/GenericObject')!;
  expect((await run(['decode', '--hessian', '--generic', row.hex])).lines).toEqual([{ body: row.json }]);
});

test.each([
  [['decode', '--grammar', 'draft', '91'], "unknown grammar 'draft'"],
  [['decode', '--what'], 'Unknown option'],
  [['encode'], 'expected a command'],
  [[], 'expected a command'],
  [['decode', '--file', '/does/not/exist'], 'ENOENT'],
])('%j is refused with exit code 2', async (args, message) => {
  const { exitCode, err } = await run(args);
  expect(exitCode).toBe(2);
  expect(err.join()).toContain(message);
});
