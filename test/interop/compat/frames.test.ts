import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { FrameDecoder } from '../../../src/bolt/decoder.js';
import { encodeFrame } from '../../../src/bolt/encode.js';
import type { Frame } from '../../../src/bolt/frame.js';
import {
  readPacket,
  writeHeartbeat,
  writeHeartbeatAck,
  writeRequest,
  writeResponse,
} from '../../../src/compat/bolt/frames.js';
import type { FrameOptions, ReadContext } from '../../../src/compat/bolt/options.js';
import { ByteWriter } from '../../../src/core/bytes.js';
import { MeshError } from '../../../src/core/errors.js';
import {
  ASKED,
  casesOf,
  GOLDEN_FILE,
  goldenBytes,
  optionsOfCase,
  requestOf,
  shown,
  VERSIONS,
} from '../../compat/bolt/golden.js';
import type { GoldenCase } from '../../compat/bolt/golden-cases.js';
import { compileAhead, oldProtocol, startOver, type Version } from './frames-old.js';
import { Dice } from './frames-random.js';
import { difference } from './frames-same.js';
import { declaredTypes, randomClassMap, randomType, TypedValues, withoutStack } from './frames-typed.js';
import { LooseValues } from './frames-values.js';
import { WireValues } from './frames-wire.js';

/* sofa-bolt-node and ours write and read the same: values at random, by the same dice in both. */

const REQUEST_CLASS = 'com.alipay.sofa.rpc.core.request.SofaRequest';
const RESPONSE_CLASS = 'com.alipay.sofa.rpc.core.response.SofaResponse';

/** Compiled by the predecessor before anything else, as in a process that has been running for a while. */
const USUAL = ['Map', 'HashMap', 'List', 'ArrayList', 'Set', 'Collection'].map((name) => ({
  type: `java.util.${name}`,
}));
const TYPES = [...USUAL, { type: 'java.lang.Object' }, { type: 'java.lang.String' }];

const frameOptions = (hessianVersion: Version, more: Partial<FrameOptions> = {}): FrameOptions => ({
  protocolType: 'bolt',
  boltVersion: 1,
  crcEnable: false,
  codecType: 'hessian2',
  hessianVersion,
  ...more,
});

afterAll(() => startOver('3.0'));

/** A frame as hex, or what was thrown. */
function outcome(write: () => Buffer): string {
  try {
    return write().toString('hex');
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

const out = new ByteWriter();

function ours(write: (out: ByteWriter) => void): string {
  out.pos = 0;
  return outcome(() => {
    write(out);
    return Buffer.from(out.written());
  });
}

function read(bytes: Buffer, context: ReadContext): unknown {
  let packet: unknown;
  new FrameDecoder().push(bytes, (frame: Frame) => {
    packet = readPacket(frame, context);
  });
  return packet;
}

/** A key `$`: what refers to the map gets the key's value from the predecessor. Nor does it read `true` as a first key. */
const DOLLAR = Buffer.from('\x01$');

/**
 * Where the two read the predecessor's bytes differently. Some of them it cannot read itself, or only by chance: it
 * numbers what it writes and does not write, and writes the fields of one object as another's.
 */
function misread(hex: string, version: Version): string | undefined {
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.includes(DOLLAR) || (version === '3.0' && bytes.includes('MT'))) return undefined;
  try {
    return difference(...bothRead(bytes, version));
  } catch (error) {
    const isOld = !MeshError.is(error);
    return isOld || /points at nothing|expected the end of a list/.test(error.message)
      ? undefined
      : error.message;
  }
}

/** What the old decoder and ours make of a frame, without the times. */
function bothRead(bytes: Buffer, version: Version, more: object = {}): [unknown, unknown] {
  const packets = [
    oldProtocol.decode(bytes, { classCache: new Map(), ...more }),
    read(bytes, { hessianVersion: version, ...more }),
  ];
  for (const packet of packets) delete (packet as { meta?: unknown }).meta;
  return packets as [unknown, unknown];
}

describe.each(VERSIONS)('Hessian %s', (version) => {
  test('the golden bytes are the predecessor’s', () => {
    const bytes = (one: GoldenCase) => {
      startOver(version);
      const options = optionsOfCase(one, version);
      if (one.response === undefined) return oldProtocol.requestEncode(77, requestOf(one), options);
      return oldProtocol.responseEncode(77, { ...one.response(), appRequest: ASKED }, options);
    };
    const all = Object.fromEntries(
      casesOf(version).map((one) => [`${version} ${one.name}`, shown(bytes(one))]),
    );
    // GOLDEN=write npx vitest run -c vitest.interop.config.ts test/interop/compat/frames.test.ts, after a change of the cases.
    if (process.env.GOLDEN === 'write') {
      const others = Object.entries(goldenBytes()).filter(([name]) => !name.startsWith(version));
      const sorted = [...others, ...Object.entries(all)].sort(([a], [b]) =>
        a.slice(0, 3) < b.slice(0, 3) ? -1 : 0,
      );
      writeFileSync(GOLDEN_FILE, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
    }
    const kept = Object.entries(goldenBytes()).filter(([name]) => name.startsWith(version));
    expect(all).toEqual(Object.fromEntries(kept));
  });

  test('values without a class map are written, read and refused as before', () => {
    const counts = { written: 0, refused: 0 };
    for (let seed = 1; seed <= 2500; seed++) {
      const request = () => {
        const dice = new Dice(seed);
        const values = new LooseValues(dice);
        const args = Array.from({ length: dice.int(0, 3) }, () => values.any(4));
        const targetAppName = dice.pick([undefined, 'app']);
        return {
          ...ASKED,
          timeout: 3000,
          targetAppName,
          args,
          requestProps: dice.pick([undefined, null, { service: 'x' }, values.fields(3)]),
        };
      };
      startOver(version);
      compileAhead(version, TYPES, undefined);
      const expected = outcome(() => oldProtocol.requestEncode(seed, request(), frameOptions(version)));
      expect(
        ours((to) => writeRequest(to, seed, request(), frameOptions(version))),
        `seed ${seed}`,
      ).toBe(expected);
      counts[expected.startsWith('01') ? 'written' : 'refused']++;
      if (!expected.startsWith('01')) continue;
      expect(misread(expected, version), `seed ${seed}`).toBeUndefined();
    }
    expect(counts.written).toBeGreaterThan(2000);
    expect(counts.refused).toBeGreaterThan(100);
  });

  test('values with a class map are written, read and refused as before', () => {
    const counts = { written: 0, refused: 0, crashed: 0 };
    for (let seed = 1; seed <= 2500; seed++) {
      const make = () => {
        const dice = new Dice(seed);
        const classMap = randomClassMap(dice);
        const values = new TypedValues(dice, classMap, version === '4.0');
        const generic = {
          type: 'com.test.Generic',
          generic: [{ type: 'java.lang.Long' }, { type: 'com.test.A' }],
        };
        const arg = () => {
          if (dice.chance(0.15)) return values.of(randomType(dice, 1), 2);
          return values.wrapper(dice.chance(0.15) ? generic : randomType(dice, 2), 4);
        };
        const isResponse = dice.chance(0.3);
        const request = { ...ASKED, timeout: 3000, args: Array.from({ length: dice.int(1, 3) }, arg) };
        const response = { appResponse: arg(), responseProps: dice.pick([undefined, { a: 'b' }]) };
        return { classMap, isResponse, request, response, said: values.said };
      };
      startOver(version);
      const expected = outcome(() => {
        const { classMap, isResponse, request, response, said } = make();
        compileAhead(version, [...declaredTypes(classMap, said), ...TYPES], classMap);
        compileAhead(version, TYPES, undefined);
        const options = frameOptions(version, { classMap });
        if (isResponse) return oldProtocol.responseEncode(seed, response, options);
        return oldProtocol.requestEncode(seed, request, options);
      });
      // An enum constant in a field that may hold anything: it looks into the class map, and there is none.
      if (/reading 'com.test/.test(expected)) {
        counts.crashed++;
        continue;
      }
      const actual = ours((to) => {
        const { classMap, isResponse, request, response } = make();
        const options = frameOptions(version, { classMap });
        if (isResponse) writeResponse(to, seed, ASKED, response, options);
        else writeRequest(to, seed, request, options);
      });
      expect(actual, `seed ${seed}`).toBe(expected);
      const isFrame = expected.startsWith('01');
      counts[isFrame ? 'written' : 'refused']++;
      if (!isFrame) continue;
      expect(misread(expected, version), `seed ${seed}`).toBeUndefined();
    }
    expect(counts.written).toBeGreaterThan(1500);
    expect(counts.refused).toBeGreaterThan(100);
  });

  test('what Java writes is read as before', () => {
    for (let seed = 1; seed <= 4000; seed++) {
      const dice = new Dice(seed);
      const values = new WireValues(dice, version);
      const isRequest = dice.chance(0.4);
      const content = isRequest ? values.request() : values.response();
      const proto = dice.pick([1, 2]);
      const fields = {
        proto,
        ver1: 1,
        type: isRequest ? 1 : 0,
        cmdCode: isRequest ? 1 : 2,
        requestId: seed,
        codec: 1,
        timeout: 3000,
      };
      out.pos = 0;
      encodeFrame(out, fields, isRequest ? REQUEST_CLASS : RESPONSE_CLASS, [['service', 'x']], content);
      const bytes = Buffer.from(out.written());
      startOver(version);
      expect(difference(...bothRead(bytes, version)), `seed ${seed}`).toBeUndefined();
    }
  });

  test('broken bytes are refused, and never loop', () => {
    const refused = { value: 0 };
    for (let seed = 1; seed <= 4000; seed++) {
      const dice = new Dice(seed);
      const values = new WireValues(dice, version);
      const isRequest = dice.chance(0.4);
      const content = isRequest ? values.request() : values.response();
      for (let i = dice.int(1, 4); i > 0; i--) content[dice.int(0, content.length - 1)] = dice.int(0, 255);
      const cut = dice.chance(0.3) ? content.subarray(0, dice.int(0, content.length)) : content;
      const fields = {
        proto: 1,
        type: isRequest ? 1 : 0,
        cmdCode: isRequest ? 1 : 2,
        requestId: seed,
        codec: 1,
        timeout: 3000,
        status: dice.pick([0, 0, 2]),
      };
      out.pos = 0;
      encodeFrame(out, fields, isRequest ? REQUEST_CLASS : RESPONSE_CLASS, [['service', 'x']], cut);
      try {
        read(Buffer.from(out.written()), { hessianVersion: version });
      } catch (error) {
        refused.value++;
        expect(MeshError.is(error) && error.code, `seed ${seed}: ${(error as Error).stack}`).toBe(
          'DECODE_FAILED',
        );
      }
    }
    expect(refused.value).toBeGreaterThan(1000);
  });

  test('failures say the same, without a stack, and name the class that they are', () => {
    const responses: object[] = [
      { isError: true, errorMsg: 'wrong' },
      { isError: true, errorMsg: 'wrong', appResponse: withoutStack(new TypeError('by itself')) },
      { errorMsg: 'marks itself' },
      { isError: true },
      { status: 4 },
      { status: 7 },
      { status: 16 },
      { status: 9, errorMsg: 'codec' },
    ];
    startOver(version);
    for (const response of responses) {
      const old = oldProtocol.responseEncode(5, { ...response }, frameOptions(version));
      out.pos = 0;
      writeResponse(out, 5, ASKED, { ...response }, frameOptions(version));
      const mine = Buffer.from(out.written());
      const [before, now] = [bothRead(old, version)[0], bothRead(mine, version)[1]] as {
        className?: string;
      }[];
      expect([before.className, now.className]).toEqual([
        RESPONSE_CLASS,
        'com.alipay.remoting.rpc.exception.RpcServerException',
      ]);
      delete before.className;
      delete now.className;
      expect(difference(before, now), JSON.stringify(response)).toBeUndefined();
    }
  });

  test('heartbeats and their answers are the same', () => {
    for (const more of [
      {},
      { protocolType: 'bolt2' },
      { protocolType: 'bolt2', boltVersion: 2, crcEnable: true },
    ] as Partial<FrameOptions>[]) {
      const options = frameOptions(version, more);
      for (const timeout of [undefined, 0, 500]) {
        const expected = outcome(() => oldProtocol.heartbeatEncode(3, { timeout }, options));
        expect(ours((to) => writeHeartbeat(to, 3, timeout, options))).toBe(expected);
        expect(difference(...bothRead(Buffer.from(expected, 'hex'), version))).toBeUndefined();
      }
      const answer = outcome(() => oldProtocol.heartbeatAckEncode(3, options));
      expect(ours((to) => writeHeartbeatAck(to, 3, options))).toBe(answer);
      expect(difference(...bothRead(Buffer.from(answer, 'hex'), version))).toBeUndefined();
    }
  });
});
