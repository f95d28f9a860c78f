// Bytes an idle connection, and heap a call in flight, on each side: differences after a forced collection.
import { forkChild } from './child.mjs';

const CONNECTIONS = 2000;
const IN_FLIGHT = 10_000;

export async function measureMemory({ log }) {
  log(`memory: ${CONNECTIONS} idle connections`);
  const idle = await idleConnections('self');
  const raw = await idleConnections('raw');
  log(`memory: ${IN_FLIGHT} calls in flight`);
  const calls = await callsInFlight();
  return {
    idleClientBytes: idle.client,
    idleServerBytes: idle.server,
    idleConnectionBytes: idle.client + idle.server,
    idleConnectionRss: idle.rss,
    rawIdleClientBytes: raw.client,
    rawIdleServerBytes: raw.server,
    rawIdleConnectionBytes: raw.client + raw.server,
    rawIdleConnectionRss: raw.rss,
    callInFlightClientBytes: calls.client,
    callInFlightServerBytes: calls.server,
  };
}

async function start(name) {
  const [server, client] = ['server', 'client'].map((side) =>
    forkChild('memory-worker.mjs', [side, name], ['--expose-gc']),
  );
  const { port } = await server.ask('start');
  const both = (command) => Promise.all([client.ask(command), server.ask(command)]);
  return { server, client, port, both, end: () => Promise.all([client.end(), server.end()]) };
}

/** Every connection has carried a call before it falls idle. */
async function idleConnections(name) {
  const pair = await start(name);
  // The first ones bring what is there once: code, classes, buffers that are shared.
  await pair.client.ask('connect', { port: pair.port, connections: 16 });
  const before = await pair.both('memory');
  await pair.client.ask('connect', { port: pair.port, connections: CONNECTIONS });
  const after = await pair.both('memory');
  await pair.end();
  const opened = after[1].sockets - before[1].sockets;
  if (opened !== CONNECTIONS)
    throw new Error(`memory ${name}: ${opened} connections were opened, not ${CONNECTIONS}`);
  const [client, server] = [0, 1].map((side) =>
    Math.round((after[side].bytes - before[side].bytes) / CONNECTIONS),
  );
  const rss = Math.round((after[0].rss - before[0].rss + after[1].rss - before[1].rss) / CONNECTIONS);
  return { client, server, rss };
}

async function callsInFlight() {
  const pair = await start('self');
  await pair.client.ask('connect', { port: pair.port, connections: 1 });
  await pair.client.ask('hold', { calls: 100 });
  await pair.server.ask('release');
  await pair.client.ask('settled');
  const before = await pair.both('memory');
  await pair.client.ask('hold', { calls: IN_FLIGHT });
  await pair.server.ask('held', { calls: IN_FLIGHT });
  const after = await pair.both('memory');
  await pair.server.ask('release');
  await pair.client.ask('settled');
  await pair.end();
  const [client, server] = [0, 1].map((side) =>
    Math.round((after[side].heap - before[side].heap) / IN_FLIGHT),
  );
  return { client, server };
}
