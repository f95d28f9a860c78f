/** A tap between a client and a server, and a reader of the frames that pass: nothing here is needed to make calls. */
import { type AddressInfo, connect, createServer } from 'node:net';
import { decodeAll } from 'sofa-mesh-sdk/hessian';

/** Passes bytes on to `port`, both ways, and keeps those that went there. */
export async function tap(port: number) {
  const seen: Buffer[] = [];
  const server = createServer((client) => {
    const provider = connect(port, '127.0.0.1');
    client.on('data', (chunk: Buffer) => seen.push(chunk));
    client.pipe(provider).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => Buffer.concat(seen),
    close: () => server.close(),
  };
}

/** A Bolt v1 request, part by part: `[offset, bytes, name, meaning]`. */
export function* partsOf(
  frame: Buffer,
): Generator<[offset: number, bytes: Buffer, name: string, meaning: string]> {
  let at = 0;
  const part = (
    length: number,
    name: string,
    meaning: (bytes: Buffer) => string,
  ): [number, Buffer, string, string] => {
    const bytes = frame.subarray(at, at + length);
    at += length;
    return [at - length, bytes, name, meaning(bytes)];
  };
  const text = (bytes: Buffer) => bytes.toString();
  const lengths = {
    class: frame.readUInt16BE(14),
    header: frame.readUInt16BE(16),
    content: frame.readUInt32BE(18),
  };

  yield part(1, 'protocol', (bytes) => `Bolt v${bytes[0]}`);
  yield part(1, 'type', () => 'a request, to be answered');
  yield part(2, 'command', () => 'a call');
  yield part(1, 'version', (bytes) => `${bytes[0]}, of the command`);
  yield part(4, 'request id', (bytes) => `${bytes.readUInt32BE()}: the response repeats it`);
  yield part(1, 'codec', () => 'Hessian 2');
  yield part(4, 'timeout', (bytes) => `${bytes.readUInt32BE()} ms`);
  yield part(2, 'lengths', () => `class name ${lengths.class}`);
  yield part(2, '', () => `header ${lengths.header}`);
  yield part(4, '', () => `content ${lengths.content}`);
  yield part(lengths.class, 'class name', text);
  for (const end = at + lengths.header, name = ['header']; at < end; name[0] = '') {
    const keyLength = frame.readUInt32BE(at);
    const valueLength = frame.readUInt32BE(at + 4 + keyLength);
    yield part(8 + keyLength + valueLength, name[0], (bytes) => {
      return `${text(bytes.subarray(4, 4 + keyLength))} = ${text(bytes.subarray(8 + keyLength))}`;
    });
  }
  yield part(lengths.content, 'content', (bytes) => {
    const [, ...args] = decodeAll(bytes);
    return `a SofaRequest, then its arguments: ${args.map((arg) => `${arg}`).join(', ')}`;
  });
}

/** Bytes as hex, cut where they are many. */
export function hex(bytes: Buffer, atMost = 12): string {
  const shown = bytes.subarray(0, atMost).toString('hex').replace(/../g, '$& ').trimEnd();
  return bytes.length > atMost ? `${shown} ..` : shown;
}
