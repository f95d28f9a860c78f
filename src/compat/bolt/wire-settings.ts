import { optionsOf, type ProtocolOptions } from './protocol.js';

/** What the frames of a client or server are written and read with; what it leaves out, the protocol says. */
export interface WireSettings {
  readonly protocol: unknown;
  /** For protobuf: a protobufjs Root, whichever version made it. */
  readonly proto?: unknown;
  /** For hessian2. */
  // biome-ignore lint/suspicious/noExplicitAny: the user's class map
  readonly classMap?: any;
}

/** With the protocol's own options below them. To be asked for each frame: those may be set late. */
export function wireOptions({ protocol, proto, classMap }: WireSettings): ProtocolOptions {
  const options = optionsOf(protocol);
  const { codecType, hessianVersion } = options;
  return {
    proto: proto || options.proto,
    classMap: classMap || options.classMap,
    codecType,
    hessianVersion,
  };
}

/** The version of the frames of a client. */
export const BOLT_V1 = { protocolType: 'bolt', boltVersion: 1, crcEnable: false } as const;
