import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeRequest, writeResponse } from '../../../src/compat/bolt/frames.js';
import { ByteWriter } from '../../../src/core/bytes.js';
import { GOLDEN_CASES, type GoldenCase } from './golden-cases.js';

export type GoldenVersion = '3.0' | '4.0';
export const GOLDEN_FILE = new URL('golden.json', import.meta.url);
export const VERSIONS: readonly GoldenVersion[] = ['3.0', '4.0'];
/** The cases of a version. */
export function casesOf(version: GoldenVersion): readonly GoldenCase[] {
  return GOLDEN_CASES.filter(({ only }) => only === undefined || only === version);
}

export const ASKED = { serverSignature: 'com.test.Service:1.0', methodName: 'call' };

/** The predecessor's bytes, by version and name. */
export function goldenBytes(): Record<string, string> {
  return JSON.parse(readFileSync(GOLDEN_FILE, 'utf8'));
}

export function requestOf({ args, request }: GoldenCase): object {
  return {
    ...ASKED,
    timeout: 3000,
    requestProps: { service: ASKED.serverSignature },
    args: args?.() ?? [],
    ...request,
  };
}

export function optionsOfCase({ classMap, options }: GoldenCase, hessianVersion: GoldenVersion): object {
  return {
    protocolType: 'bolt',
    boltVersion: 1,
    crcEnable: false,
    codecType: 'hessian2',
    classMap,
    hessianVersion,
    ...options,
  };
}

/** Bytes as they are kept: long ones as their hash. */
export function shown(bytes: Buffer): string {
  return bytes.length <= 1500
    ? bytes.toString('hex')
    : `sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Our bytes. */
export function written(one: GoldenCase, version: GoldenVersion): Buffer {
  const out = new ByteWriter();
  const options = optionsOfCase(one, version) as never;
  if (one.response === undefined) writeRequest(out, 77, requestOf(one) as never, options);
  else writeResponse(out, 77, ASKED, one.response(), options);
  return Buffer.from(out.written());
}
