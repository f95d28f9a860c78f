import { describe, expect, test } from 'vitest';
import type { Interceptor } from '../../src/core/call.js';
import { decode } from '../../src/hessian/public.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { settled } from '../../src/testing/fake-clock.js';
import { later, People, people } from '../support/people.js';
import {
  bodyOf,
  frameOf,
  RawPeer,
  RESPONSE,
  request,
  SERVER_EXCEPTION,
  type Seen,
} from '../support/raw-peer.js';
import { boltRows } from '../wire/vectors.js';

function setUp(own: Parameters<typeof people>[0] = {}, options: Partial<MeshServerOptions> = {}) {
  const warnings: string[] = [];
  const server = new MeshServer({
    app: 'test',
    mode: 'direct',
    logger: { warn: (text: string) => warnings.push(text) },
    ...options,
  }).add(People, people(own));
  const [near, far] = duplexPair();
  server.accept(near, 'raw:1');
  return { server, peer: new RawPeer(far), warnings };
}

/** The one answer to some bytes, and proof that the connection still works. */
async function answerTo(
  bytes: Buffer,
  own: Parameters<typeof people>[0] = {},
  options: Partial<MeshServerOptions> = {},
): Promise<Seen> {
  const { peer } = setUp(own, options);
  peer.write(bytes, request({ fields: { requestId: 999 }, args: ['still fine'] }));
  await peer.received(2);
  const [answer, other] = [...peer.frames].sort((a, b) => a.requestId - b.requestId);
  expect(other.requestId).toBe(999);
  expect(bodyOf(other).appResponse).toBe('still fine');
  return answer;
}

function failureText(answer: Seen): string {
  expect(answer.className).toBe(SERVER_EXCEPTION);
  expect(answer.codec).toBe(1);
  const error = decode(answer.content) as Error;
  expect(answer.content.toString('latin1')).not.toMatch(/\.ts|node_modules|at .*:\d+:\d+/);
  return error.message;
}

describe('a request that is served', () => {
  test('is answered as Java answers', async () => {
    const answer = await answerTo(request({ fields: { requestId: 7 } }));
    expect(answer).toMatchObject({
      proto: 1,
      type: 0,
      cmdCode: 2,
      ver2: 1,
      requestId: 7,
      codec: 1,
      status: 0,
      className: RESPONSE,
      header: [],
    });
    expect(bodyOf(answer)).toMatchObject({
      isError: false,
      errorMsg: null,
      appResponse: 'hi',
      responseProps: null,
    });
  });

  test.each([
    ['v1', { proto: 1 }, { proto: 1, ver1: 0, switch: 0 }],
    ['v2', { proto: 2, ver1: 1, switch: 0 }, { proto: 2, ver1: 1, switch: 0 }],
    ['v2 with CRC', { proto: 2, ver1: 2, switch: 1 }, { proto: 2, ver1: 2, switch: 1 }],
    ['v2 with the CRC off', { proto: 2, ver1: 2, switch: 0 }, { proto: 2, ver1: 2, switch: 0 }],
  ])('%s is answered in its version and switch', async (_version, fields, expected) => {
    expect(await answerTo(request({ fields }))).toMatchObject({ ...expected, ver2: 1, status: 0 });
  });

  test('connections of several versions at once each get their own', async () => {
    const { peer } = setUp();
    peer.write(
      request({ fields: { requestId: 1 } }),
      request({ fields: { requestId: 2, proto: 2, ver1: 2, switch: 1 } }),
    );
    await peer.received(2);
    expect(peer.frames.map((frame) => frame.proto)).toEqual([1, 2]);
  });

  test.each([
    ['ver2 = 0, as Go sends', { ver2: 0 }],
    ['ver2 = 2', { ver2: 2 }],
    ['timeout 0', { timeout: 0 }],
    ['timeout -1, as C++ sends', { timeout: -1 }],
    ['an id beyond 2^31', { requestId: 0 }],
  ])('%s is taken', async (_what, fields) => {
    expect(bodyOf(await answerTo(request({ fields }))).appResponse).toBe('hi');
  });

  test('ids are unsigned', async () => {
    const { peer } = setUp();
    peer.write(request({ fields: { requestId: 0xffff_fffe } }));
    await peer.received(1);
    expect(peer.frames[0].requestId).toBe(0xffff_fffe);
  });

  test('null and duplicate headers are taken; the last of several counts', async () => {
    const header: [string | null, string | null][] = [
      ['service', 'com.acme.Nobody:1.0'],
      ['target_app', null],
      [null, 'x'],
      ['uid', ''],
      ['service', People.id],
      ['sofa_head_method_name', 'echo'],
    ];
    expect(bodyOf(await answerTo(request({ header }))).appResponse).toBe('hi');
  });

  test("the header 'service' beats the body", async () => {
    const answer = await answerTo(
      request({ service: 'com.acme.Other:1.0', header: [['service', People.id]] }),
    );
    expect(bodyOf(answer).appResponse).toBe('hi');
  });

  test('answers leave as they are ready, in any order', async () => {
    const gates = [later<string>(), later<string>(), later<string>()];
    const { peer } = setUp({ echo: (text) => gates[Number(text)].promise });
    peer.write(...[0, 1, 2].map((i) => request({ fields: { requestId: i + 1 }, args: [String(i)] })));
    await settled();
    for (const i of [2, 0, 1]) {
      gates[i].resolve(`answer ${i}`);
      await settled();
    }
    expect(peer.frames.map((frame) => [frame.requestId, bodyOf(frame).appResponse])).toEqual([
      [3, 'answer 2'],
      [1, 'answer 0'],
      [2, 'answer 1'],
    ]);
  });

  test('too many arguments are ignored, as in Java; too few are status 18', async () => {
    expect(bodyOf(await answerTo(request({ args: ['hi', 'extra', 1] }))).appResponse).toBe('hi');
    const few = await answerTo(request({ args: [] }));
    expect(few.status).toBe(18);
    expect(failureText(few)).toContain('0 arguments');
  });

  test('a oneway request is answered by nothing, be it good or bad', async () => {
    const got: (string | null)[] = [];
    const { peer } = setUp({
      note: (text) => {
        got.push(text);
      },
    });
    const oneway = { type: 2, timeout: -1 };
    peer.write(
      request({ fields: { ...oneway, requestId: 1 }, method: 'note' }),
      request({ fields: { ...oneway, requestId: 2 }, method: 'nothing' }),
      request({ fields: { ...oneway, requestId: 3 }, service: 'com.acme.Nobody:1.0' }),
      request({ fields: { ...oneway, requestId: 4, codec: 99 } }),
      request({ fields: { ...oneway, requestId: 5 }, content: Buffer.alloc(10, 0xff) }),
      request({ fields: { requestId: 6 } }),
    );
    await settled();
    expect(got).toEqual(['hi']);
    expect(peer.frames.map((frame) => frame.requestId)).toEqual([6]);
  });
});

describe('a request that cannot be served', () => {
  test("an unknown service: Java's code and words", async () => {
    const answer = await answerTo(request({ service: 'com.acme.Nobody:1.0' }));
    const java = boltRows().find((row) => row.name === 'v1-error/unknownService.resp');
    expect(answer).toMatchObject({
      status: 0,
      className: RESPONSE,
      header: Object.entries(java?.fields.header ?? {}),
    });
    expect(bodyOf(answer)).toMatchObject({
      isError: true,
      errorMsg: expect.stringMatching(/^RPC-020100010: RPC cannot find service: \[com\.acme\.Nobody:1\.0\]/),
    });
  });

  test.each([
    ['an unknown method', { method: 'nothing' }, 'nothing(java.lang.String)'],
    ['other argument types', { sigs: ['int'] }, 'echo(int)'],
  ])("%s: Java's code, what was asked, and no stack", async (_what, parts, asked) => {
    const answer = await answerTo(request(parts));
    expect(answer).toMatchObject({ status: 0, className: RESPONSE });
    const { isError, errorMsg } = bodyOf(answer);
    expect(isError).toBe(true);
    expect(errorMsg).toMatch(/^RPC-020100011: Cannot find invoke method/);
    expect(errorMsg).toContain(asked);
    expect(errorMsg).not.toMatch(/\.ts|\n/);
  });

  test.each([
    ['an unknown codec', { fields: { codec: 99 } }, 18, 'codec 99'],
    ['another codec than the service has', { fields: { codec: 12 } }, 18, 'codec 1'],
    ['a body that is no Hessian', { content: Buffer.alloc(20, 0xff) }, 18, ''],
    ['an empty body', { content: Buffer.alloc(0) }, 18, ''],
    ['an argument of another type', { args: [5] }, 18, 'args[0]'],
    ['no header that names the service', { header: [['app', 'x']] as [string, string][] }, 18, "'service'"],
    [
      'a class that nobody reads',
      { className: 'xom.alipay.sofa.rpc.core.request.SofaRequest' },
      2,
      'xom.alipay',
    ],
  ])('%s: on its own id, in the status that Java uses', async (_what, parts, status, text) => {
    const answer = await answerTo(request(parts));
    expect(answer).toMatchObject({ status, requestId: 1 });
    expect(failureText(answer)).toContain(text);
  });

  test('in version 2 with CRC a refusal has one, too', async () => {
    expect(await answerTo(request({ fields: { proto: 2, ver1: 2, switch: 1, codec: 99 } }))).toMatchObject({
      proto: 2,
      ver1: 2,
      switch: 1,
      status: 18,
    });
  });

  test.each(['corruptContent', 'unknownRequestClass', 'unknownCodec', 'codecJson12', 'emptyContent'])(
    'the request of real Java %s gets the status that Java gave it',
    async (name) => {
      const rows = boltRows();
      const asked = rows.find((row) => row.name === `v1-error/${name}.req`);
      const answered = rows.find((row) => row.name === `v1-error/${name}.resp`);
      const { server, peer } = setUp();
      server.add({ ...People, id: asked?.fields.header.service ?? '' }, people());
      peer.write(Buffer.from(asked?.hex ?? '', 'hex'));
      const [answer] = await peer.received(1);
      expect(answer).toMatchObject({
        status: answered?.fields.status,
        codec: answered?.fields.codec,
        className: answered?.fields.className,
        requestId: asked?.fields.requestId,
      });
    },
  );
});

describe('a handler that fails', () => {
  const thrown = (error: unknown) => ({
    echo: () => {
      throw error;
    },
  });

  test('a plain Error is a RuntimeException with its message, and neither stack nor path', async () => {
    const answer = await answerTo(request(), {
      add: () => 1,
      find: () => null,
      echo: (text) => {
        if (text === 'hi') throw new Error('no luck');
        return text;
      },
    });
    expect(answer).toMatchObject({
      status: 0,
      className: RESPONSE,
      header: [['sofa_head_response_error', 'true']],
    });
    const body = bodyOf(answer);
    expect(body).toMatchObject({
      isError: false,
      errorMsg: null,
      appResponse: { className: 'java.lang.RuntimeException', message: 'no luck' },
    });
    expect(answer.content.toString('latin1')).not.toMatch(/\.ts|node_modules|answers\.test/);
  });

  test.each([
    ['a string', 'oops'],
    ['undefined', undefined],
    ['an object', { a: 1 }],
    ['null', null],
  ])('%s that is thrown is a RuntimeException, too', async (_what, value) => {
    const { peer } = setUp(thrown(value));
    peer.write(request());
    await peer.received(1);
    expect(bodyOf(peer.frames[0]).appResponse).toMatchObject({ className: 'java.lang.RuntimeException' });
  });

  test('a result that cannot be encoded is status 17 with the path', async () => {
    const answer = await answerTo(request(), {
      echo: (text) => (text === 'hi' ? (5 as unknown as string) : text),
    });
    expect(answer.status).toBe(17);
    expect(failureText(answer)).toMatch(/cannot encode the result of echo: .*expected .*tring, got number/);
  });

  test('an exception that cannot be encoded is status 17, too', async () => {
    const { RemoteError } = await import('../../src/core/errors.js');
    const answer = await answerTo(request(), {
      echo: (text) => {
        if (text !== 'hi') return text;
        throw new RemoteError({
          className: 'com.acme.Odd',
          message: 'odd',
          fields: { bad: () => undefined },
        });
      },
    });
    expect(answer.status).toBe(17);
    expect(failureText(answer)).toContain('bad');
  });

  test('a result larger than a frame may be is status 17: the connection and its other calls go on', async () => {
    const answer = await answerTo(
      request({ method: 'bytes', sigs: ['[B'], args: [Buffer.alloc(1)] }),
      { bytes: () => Buffer.alloc(200_000) },
      { maxFrameBytes: 100_000 },
    );
    expect(answer.status).toBe(17);
    expect(failureText(answer)).toContain('100000');
  });

  test.each<[string, Interceptor]>([
    [
      'throws at once',
      () => () => {
        throw new Error('refused');
      },
    ],
    [
      'rejects',
      () => async () => {
        throw new Error('refused');
      },
    ],
    [
      'forgets to return the reply',
      (next) => async (call) => {
        await next(call);
        return undefined as never;
      },
    ],
    ['returns no promise', () => () => undefined as never],
  ])('an interceptor that %s fails its own call', async (_what, interceptor) => {
    const only: Interceptor = (next) => {
      const bad = interceptor(next);
      return (call) => (call.args[0] === 'hi' ? bad(call) : next(call));
    };
    const answer = await answerTo(request(), {}, { interceptors: [only] });
    expect(answer.header).toEqual([['sofa_head_response_error', 'true']]);
    expect(bodyOf(answer).appResponse).toMatchObject({ className: 'java.lang.RuntimeException' });
  });
});

describe('frames that are no requests', () => {
  test.each([
    ['codec 1, timeout -1', { codec: 1, timeout: -1 }],
    ['codec 11, timeout 0 (Python)', { codec: 11, timeout: 0 }],
    ['ver2 = 0 (Go)', { codec: 1, timeout: 0, ver2: 0 }],
  ])('a heartbeat with %s is answered as Java does', async (_what, fields) => {
    const { peer } = setUp();
    peer.write(frameOf({ proto: 1, type: 1, cmdCode: 0, requestId: 77, ...fields }));
    await peer.received(1);
    expect(peer.frames[0]).toMatchObject({
      proto: 1,
      type: 0,
      cmdCode: 0,
      ver2: 1,
      requestId: 77,
      codec: 1,
      status: 0,
      className: '',
      header: [],
    });
    expect(peer.frames[0].content).toHaveLength(0);
  });

  test('an acknowledgement and a go-away are taken in silence', async () => {
    const { peer, warnings } = setUp();
    peer.write(
      frameOf({ proto: 1, type: 0, cmdCode: 0, requestId: 1, codec: 1, status: 0 }),
      frameOf({ proto: 1, type: 1, cmdCode: 100, requestId: 1, codec: 1, timeout: -1 }),
      request(),
    );
    await peer.received(1);
    expect(peer.frames).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test('a response that is sent to a server closes the connection, and the logger is told why', async () => {
    const { peer, warnings } = setUp();
    peer.write(frameOf({ proto: 1, type: 0, cmdCode: 2, requestId: 1, codec: 1, status: 0 }));
    await peer.closed();
    expect(warnings).toEqual([expect.stringMatching(/^connection from raw:1 closed: raw:1 sent a response/)]);
  });
});
