// One side of the memory cases, started with --expose-gc: `memory-worker.mjs server|client raw|self`.
import { serveCommands } from './lib/serve-commands.mjs';

const [side, name] = process.argv.slice(2);
const peer = await import(`./peers/memory-${name}.mjs`);

async function memory() {
  // What was let go in this turn of the loop is free only in a later one.
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  return { heap: heapUsed, bytes: heapUsed + external, rss, sockets };
}

serveCommands({ memory, ...(side === 'server' ? await peer.server() : await peer.client()) });
