import { MeshError } from '../core/errors.js';

/** How many bytes a message shows of a stream that is not understood. */
const SHOWN_BYTES = 16;

/** PROTOCOL_VIOLATION for a stream that begins with `head`, which none of `names` begins with: says what it looks like. */
export function notUnderstood(what: string, head: Buffer): MeshError {
  const first = head.subarray(0, SHOWN_BYTES);
  return new MeshError(
    'PROTOCOL_VIOLATION',
    `${what}, first bytes ${first.toString('hex')}; ${looksLike(first)}`,
  );
}

function looksLike(first: Buffer): string {
  if (first[0] === 0x16 && (first.length < 2 || first[1] === 0x03))
    return 'this is a TLS ClientHello: the peer uses TLS on a plain port';
  if (/^(GET|PUT|HEAD|POST|PRI |HTTP|OPTI|DELE|PATC|CONN)/.test(first.toString('latin1')))
    return 'this is HTTP: the peer speaks another protocol';
  return 'does the peer speak the protocol of this port?';
}
