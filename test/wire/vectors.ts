import { readFileSync } from 'node:fs';
import type { JsonValue } from './json.js';

/** The golden vectors, as real Java wrote them. See fixtures/README.md. */
export interface BoltRow {
  name: string;
  category: string;
  direction: 'request' | 'response';
  description: string;
  hex: string;
  fields: BoltRowFields;
}

export interface BoltRowFields {
  proto: number;
  ver1?: number;
  type: number;
  cmdCode: number;
  ver2: number;
  requestId: number;
  codec: number;
  switch?: number;
  timeout?: number;
  status?: number;
  classLen: number;
  headerLen: number;
  contentLen: number;
  className: string;
  header: Record<string, string | null>;
  contentOffset: number;
  crc32?: string;
}

export interface HessianRow {
  name: string;
  category: string;
  java: string;
  hex: string;
  json: JsonValue;
  javaRoundTrip: 'same' | 'differs' | 'error';
  decoded?: JsonValue;
  decodeError?: string;
  multi?: boolean;
  factory?: string;
}

function rows<T>(file: string): T[] {
  const text = readFileSync(new URL(`./fixtures/${file}`, import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

export const boltRows = (): BoltRow[] => rows('bolt.ndjson');
export const hessianRows = (grammar: 'sofa' | 'final'): HessianRow[] => rows(`hessian-${grammar}.ndjson`);

/** What is expected of a row that Java refuses, or whose bytes do not hold all that it says. See fixtures/README.md. */
export interface Expected {
  /** The code of the error, or `value`: then `json` is what it is read as. */
  outcome: string;
  json?: JsonValue;
  reason: string;
}

export interface ExpectedRows {
  /** Frames. */
  bolt: Record<string, Expected>;
  /** The bodies of frames. */
  body: Record<string, Expected>;
  hessian: Record<'sofa' | 'final', Record<string, Expected>>;
}

export function expectedRows(): ExpectedRows {
  return JSON.parse(readFileSync(new URL('./fixtures/expected.json', import.meta.url), 'utf8'));
}
