import type { ClassMap } from '../values/class-map.js';
import type { HessianVersion } from './options.js';

/** What users set for all streams and connections. */
export interface ProtocolOptions {
  readonly proto?: unknown;
  readonly classMap?: ClassMap;
  readonly hessianVersion: HessianVersion;
  readonly codecType?: string;
}

/** What `setOptions` takes: the options of the streams, and others that are handed on to them. */
export interface GlobalOptions {
  readonly hessianVersion?: string;
  readonly [option: string]: unknown;
}

interface State {
  options: GlobalOptions;
  hessianVersion: HessianVersion;
  /** Made anew when something was set. */
  shown: ProtocolOptions;
}

/** The ESM and the CommonJS build of this file share it. */
export const BOLT = Symbol.for('sofa-mesh-sdk.compat.bolt');

const store = globalThis as { [BOLT]?: State };

function state(): State {
  store[BOLT] ??= { options: {}, hessianVersion: '3.0', shown: { hessianVersion: '3.0' } };
  return store[BOLT];
}

export function globalOptions(): GlobalOptions {
  return state().options;
}

export function hessianVersion(): HessianVersion {
  return state().hessianVersion;
}

export function shownOptions(): ProtocolOptions {
  return state().shown;
}

/** Adds to what was set before. */
export function setOptions(options: GlobalOptions = {}): void {
  const now = state();
  now.options = { ...now.options, ...options };
  if (options.hessianVersion) now.hessianVersion = versionOf(options.hessianVersion);
  show(now);
}

export function setHessianVersion(version: string): void {
  const now = state();
  now.hessianVersion = versionOf(version);
  show(now);
}

/** Whatever is not Hessian 3 is Hessian 4. */
function versionOf(version: unknown): HessianVersion {
  return version === '3.0' ? '3.0' : '4.0';
}

function show(now: State): void {
  now.shown = shownOf(now.options, now.hessianVersion);
}

/** Of what was set, what counts for calls. */
export function shownOf(options: GlobalOptions, version: HessianVersion): ProtocolOptions {
  return {
    proto: options.proto || undefined,
    classMap: (options.classMap as ClassMap | null | undefined) ?? undefined,
    codecType: (options.codecType as string | undefined) || undefined,
    hessianVersion: version,
  };
}
