import assert from 'node:assert';
import { MeshError } from '../../core/errors.js';
import type { ClassMap } from '../values/class-map.js';
import { ProtocolDecoder, type ProtocolDecoderOptions } from './decoder.js';
import { ProtocolEncoder, type ProtocolEncoderOptions } from './encoder.js';
import type { HessianVersion } from './options.js';
import {
  BOLT,
  type GlobalOptions,
  globalOptions,
  type ProtocolOptions,
  setHessianVersion,
  setOptions,
  shownOf,
  shownOptions,
} from './state.js';

export type { GlobalOptions, ProtocolOptions } from './state.js';

/** What users hand around as `protocol`. */
export interface BoltProtocol {
  /** Sets options of all streams and connections: `proto`, `classMap`, `hessianVersion`, `codecType` .. */
  setOptions(options?: GlobalOptions): void;
  /** A stream that writes frames. */
  encoder(options?: ProtocolEncoderOptions): ProtocolEncoder;
  /** A stream that reads frames. */
  decoder(options?: ProtocolDecoderOptions): ProtocolDecoder;
  /** '3.0' (the default) or '4.0'. */
  setHessianVersion(version: string): void;
  /** Accepted for what it was: frames of classes of one's own are read without it. */
  registerAppClazzMap(classMap: ClassMap): void;
}

function encoder(options?: ProtocolEncoderOptions): ProtocolEncoder {
  return new ProtocolEncoder({ ...globalOptions(), ...options });
}

function decoder(options?: ProtocolDecoderOptions): ProtocolDecoder {
  return new ProtocolDecoder({ ...globalOptions(), ...options });
}

function registerAppClazzMap(classMap: ClassMap): void {
  assert(classMap, 'clazzMap is required');
}

/** By this the other build of this file knows it, and this one a namespace that was imported as a whole. */
Object.defineProperty(encoder, BOLT, { value: true });

/** Bolt, with the options that were set for all. */
export const bolt: BoltProtocol = { setOptions, encoder, decoder, setHessianVersion, registerAppClazzMap };

/** sofa-bolt-node, as far as it is asked. */
interface RealBolt {
  encoder(options: object): { readonly options: GlobalOptions };
  decoder(options: object): { readonly options: GlobalOptions };
  readonly codec?: {
    readonly hessian2?: { decode?(bytes: object, className: string, options: object): unknown };
  };
}

interface Seen {
  options: ProtocolOptions | undefined;
}

const seen = new WeakMap<object, Seen>();
const DONE = Promise.resolve();

/**
 * The options that were set on a protocol: ours, or sofa-bolt-node's own.
 *
 * @throws MeshError INVALID_ARGUMENT for anything else.
 */
export function optionsOf(protocol: unknown): ProtocolOptions {
  if (protocol === bolt) return shownOptions();
  const candidate = asProtocol(protocol);
  if (candidate === undefined) throw notBolt(protocol);
  if (BOLT in candidate.encoder) return shownOptions();
  let known = seen.get(candidate);
  if (known === undefined) {
    if (typeof candidate.codec?.hessian2?.decode !== 'function') throw notBolt(protocol);
    known = { options: undefined };
    seen.set(candidate, known);
  }
  if (known.options === undefined) {
    known.options = readOptions(candidate);
    // It does not say when an option is set. It takes a stream to ask: once for all calls of a burst.
    void DONE.then(() => {
      known.options = undefined;
    });
  }
  return known.options;
}

function asProtocol(protocol: unknown): RealBolt | undefined {
  for (const one of [protocol, (protocol as { default?: unknown } | null | undefined)?.default]) {
    const { setOptions: set, encoder: encode, decoder: decode } = (one ?? {}) as Record<string, unknown>;
    const isProtocol = [set, encode, decode].every((method) => typeof method === 'function');
    if (isProtocol) return one as RealBolt;
  }
  return undefined;
}

function readOptions(real: RealBolt): ProtocolOptions {
  return shownOf(real.decoder({}).options, versionOf(real));
}

/** A byte that begins a date in Hessian 4, and in Hessian 3 a reference, which finds nothing. */
const PROBE = { position: () => 0, get: () => 0x4b, getUInt16: () => 0, getInt32: () => 0 };

function versionOf(real: RealBolt): HessianVersion {
  return real.codec?.hessian2?.decode?.(PROBE, '', {}) instanceof Date ? '4.0' : '3.0';
}

function notBolt(protocol: unknown): MeshError {
  const what = protocol === null ? 'null' : typeof protocol;
  return new MeshError(
    'INVALID_ARGUMENT',
    `protocol must be the one of sofa-mesh-sdk/compat/bolt, or sofa-bolt-node; got ${what} without its setOptions, encoder, decoder and codec`,
  );
}
