import type { ConnectionCore } from './connection-core.js';

/** Registered, so that the ESM and the CommonJS build know each other's connection managers. */
const CORE = Symbol.for('sofa-mesh-sdk.compat.core');

interface Holder {
  [CORE]?: ConnectionCore;
}

/** What the consumers and connections of a manager call through; undefined of one that is not ours. */
export function coreOf(holder: object): ConnectionCore | undefined {
  return (holder as Holder)[CORE];
}

/** A connection manager holds it, and hands it on among the options of its connections. */
export function withCore<T extends object>(holder: T, core: ConnectionCore | undefined): T {
  return Object.assign(holder, { [CORE]: core });
}
