import { MeshError } from '../core/errors.js';

/** The error for a metadata value that is no text, as a caller without a compiler may pass. */
export function notText(what: 'metadata' | 'responseMetadata', key: string, value: unknown): MeshError {
  const got = value === null ? 'null' : typeof value;
  return new MeshError(
    'INVALID_ARGUMENT',
    `${what}[${JSON.stringify(key)}]: expected string, got ${got}; leave it out or make it text`,
  );
}
