import type { ByteWriter } from '../core/bytes.js';
import type { Metadata } from '../core/call.js';
import type { ReplyAddress } from '../framing/framing.js';
import { beginResponse } from './encode.js';
import { CMD_RESPONSE, wireOf } from './frame.js';
import { writeHeader } from './headers.js';
import { notText } from './metadata.js';
import { HEADER_THROWN } from './names.js';

/**
 * Appends the fixed part of the response to a request, in the version and with the checksum that it came in, and the class
 * name. Returns where the frame starts. `codec`: by default the request's.
 */
export function beginReply(
  out: ByteWriter,
  to: ReplyAddress,
  status: number,
  name: Buffer | undefined,
  codec?: number,
): number {
  const wire = wireOf(to);
  const { proto, ver1, switch: flags } = wire;
  const start = beginResponse(
    out,
    proto,
    CMD_RESPONSE,
    to.requestId,
    codec ?? wire.codec,
    status,
    ver1,
    flags,
  );
  if (name !== undefined) out.writeBytes(name);
  return start;
}

/** Returns how many bytes the header takes. */
export function writeReplyHeaders(out: ByteWriter, thrown: boolean, metadata: Readonly<Metadata>): number {
  const start = out.pos;
  if (thrown) writeHeader(out, HEADER_THROWN, 'true');
  for (const key in metadata) {
    const value = metadata[key];
    if (typeof value !== 'string') throw notText('responseMetadata', key, value);
    writeHeader(out, key, value);
  }
  return out.pos - start;
}
