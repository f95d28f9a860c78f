/** The predecessor's `sofa-bolt-node`: what users hand around as `protocol`, and its streams. */
import { bolt } from './bolt/protocol.js';

export const { setOptions, encoder, decoder, setHessianVersion, registerAppClazzMap } = bolt;
export type { ProtocolDecoder, ProtocolDecoderOptions, SentRequests } from './bolt/decoder.js';
export type {
  EncodeOptions,
  ProtocolEncoder,
  ProtocolEncoderOptions,
  ReceivedRequest,
  WriteCallback,
  WriteMeta,
  WrittenPacket,
} from './bolt/encoder.js';
export type { Asked, CodecName, Packet, PacketOptions, RequestData, ResponseData } from './bolt/options.js';
export type { BoltProtocol, GlobalOptions } from './bolt/protocol.js';
export type { ClassInfo, ClassMap, TypeInfo } from './values/class-map.js';
export default bolt;
