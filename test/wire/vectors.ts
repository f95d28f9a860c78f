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

/** What is expected of the rows that Java refuses: the outcome, and why. */
export interface Refusal {
  outcome: string;
  reason: string;
}

export function refusals(): { bolt: Record<string, Refusal>; hessian: Record<string, Refusal> } {
  return JSON.parse(readFileSync(new URL('./fixtures/expected.json', import.meta.url), 'utf8'));
}
