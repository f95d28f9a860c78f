import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system gives to outgoing connections. */
const FROM = 15_000;
const TO = 32_000;

/**
 * A free port of 127.0.0.1 that stays free while its server is down: not one that the system gives to outgoing
 * connections. A client that goes on connecting to such a port, where nobody listens, is at last given that very port as
 * its own, is connected to itself, and keeps the server from coming back.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FROM + Math.floor(Math.random() * (TO - FROM));
    const probe = createServer();
    const isFree = once(probe.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    );
    if (!(await isFree)) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
