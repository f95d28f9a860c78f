// @ts-nocheck The libraries that are compared have no types.
// What JavaScript values are sent as, by a consumer and by a server.
import { createHash } from 'node:crypto';
import { answer, argumentsOf, call, rawCaller, rawProvider } from './wire.mjs';

/** A name that is short, so that argumentsOf can tell it. */
export const INTERFACE = 'com.test.V';
export const SERVICE = `${INTERFACE}:1.0`;

/** Long bytes by their length, their ends and a digest. */
const brief = (hex) =>
  hex.length <= 600
    ? hex
    : [hex.length / 2, hex.slice(0, 60), hex.slice(-60), createHash('sha256').update(hex).digest('hex')];

/** What each value is sent as, as the only argument; the error where it cannot be. @param {[string, unknown][]} rows */
export async function sent(w, rows, { hessianVersion = '3.0', ...options } = {}) {
  w.bolt.setHessianVersion(hessianVersion);
  w.after(() => w.bolt.setHessianVersion('3.0'));
  const grammar = hessianVersion === '3.0' ? 'sofa' : 'final';
  const provider = await rawProvider(w, () => ({ content: answer('4e', grammar) }));
  const consumer = w.client(options).createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
  await consumer.ready();
  const result = {};
  for (const [name, value] of rows) {
    const before = provider.frames.length;
    const outcome = await w.caught(consumer.invoke('m', [value]));
    const frame = provider.frames[before];
    result[name] = frame === undefined ? outcome : argumentsOf(frame, SERVICE).map(brief);
  }
  return result;
}

/**
 * What is answered for each value. A row is a name, the value (a function makes it), and the return type in apiMeta.
 * @param {[string, unknown, any?][]} rows
 */
export async function answered(w, rows, { hessianVersion = '3.0', options = {}, classMaps } = {}) {
  w.bolt.setHessianVersion(hessianVersion);
  w.after(() => w.bolt.setHessianVersion('3.0'));
  const grammar = hessianVersion === '3.0' ? 'sofa' : 'final';
  const [start] = answer('@', grammar).split('@');
  const delegate = {};
  const methods = [];
  for (const [index, [, value, returnType]] of rows.entries()) {
    delegate[`m${index}`] = async () => (typeof value === 'function' ? value() : value);
    if (returnType !== undefined)
      methods.push({
        name: `m${index}`,
        ...(typeof returnType === 'string' ? { returnType } : returnType),
      });
  }
  const info = { interfaceName: INTERFACE, apiMeta: { methods, classMaps } };
  const server = await w.server(options, [[info, delegate]]);
  const errors = w.events(server, ['error']);
  const caller = await rawCaller(w, server);
  const result = {};
  for (const [index, [name]] of rows.entries()) {
    const { content, status } = await caller.ask({
      content: call({ service: SERVICE, method: `m${index}` }, grammar),
    });
    if (status !== 0) result[name] = [status, errors.splice(0)];
    else result[name] = content.startsWith(start) ? brief(content.slice(start.length, -2)) : content;
  }
  return result;
}
