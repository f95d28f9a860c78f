import type { Cluster } from 'node:cluster';
import { unlink } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from './listener.js';
import type { LocalName } from './worker-group.js';

/**
 * Where the workers of node:cluster that share a port meet; undefined in a process that is no worker, which shares its port
 * with nobody. The primary is their common parent, and need not know of it.
 */
export function meetingOf({ host, port }: Address): LocalName | undefined {
  // Loaded here: it brings half of Node's networking, and most processes are no workers.
  const cluster = process.getBuiltinModule('node:cluster') as unknown as Cluster;
  if (!cluster.isWorker) return undefined;
  return localName(`sofa-mesh-sdk-1-${process.ppid}-${host}-${port}`.replaceAll(':', '.'));
}

/**
 * A name of this machine, as a socket. Linux has names that are no files and end with their process; elsewhere the file of a
 * process that was killed is removed by who finds nobody behind it. Two that do so in the same moment may both hold the name.
 */
export function localName(name: string, platform: NodeJS.Platform = process.platform): LocalName {
  const isFile = platform !== 'linux' && platform !== 'win32';
  const prefix = platform === 'linux' ? '\0' : '\\\\.\\pipe\\';
  const path = isFile ? join(tmpdir(), `${name}.sock`) : `${prefix}${name}`;
  return {
    hold: (onStream) =>
      new Promise((resolve, reject) => {
        const server = createServer((socket) => onStream(harmless(socket))).unref();
        server.once('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'EADDRINUSE') resolve(undefined);
          else reject(error);
        });
        // Exclusive: the primary would share it, too.
        server.listen({ path, exclusive: true }, () => resolve(server));
      }),
    connect: async () => {
      const socket = harmless(createConnection({ path }));
      const code = await new Promise<string | undefined>((resolve) => {
        socket.once('connect', () => resolve(undefined));
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      });
      if (code === undefined) return socket;
      if (isFile && code === 'ECONNREFUSED') await unlink(path).catch(() => undefined);
      return undefined;
    },
  };
}

/** It neither keeps the process alive nor ends it by an error. */
function harmless(socket: Socket): Socket {
  return socket.unref().on('error', () => undefined);
}
