import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export interface HttpReply {
  readonly status: number;
  /** Empty where it does not say. */
  readonly contentType: string;
  /** Its first `maxBytes` bytes. */
  readonly body: Buffer;
  /** There was more. */
  readonly isCut: boolean;
}

/**
 * One POST over one stream, which is used up by it. Rejects with Node's errors: those whose code begins with `HPE_` say
 * that what came is not HTTP.
 */
export async function httpPost(
  stream: Duplex,
  host: string,
  path: string,
  text: string,
  maxBytes: number,
): Promise<HttpReply> {
  try {
    const response = await send(stream, host, path, Buffer.from(text));
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > maxBytes) break;
    }
    return {
      status: response.statusCode as number,
      contentType: response.headers['content-type'] ?? '',
      body: Buffer.concat(chunks).subarray(0, maxBytes),
      isCut: length > maxBytes,
    };
  } finally {
    stream.destroy();
  }
}

function send(stream: Duplex, host: string, path: string, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Loaded when used: many processes have no sidecar.
    const request = process.getBuiltinModule('node:http').request({
      createConnection: () => stream,
      method: 'POST',
      path,
      headers: { host, 'content-type': 'text/plain', 'content-length': body.length },
    });
    // Not once: a stream that is destroyed while the answer is read fails the request again.
    request.on('error', reject);
    request.on('response', resolve);
    request.end(body);
  });
}
