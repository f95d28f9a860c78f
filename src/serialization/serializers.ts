import type { ServiceContract } from '../contract/define-service.js';
import { Hessian2Serializer } from './hessian2.js';
import { JsonSerializer } from './json.js';
import { type ProtobufMessages, ProtobufSerializer } from './protobuf.js';
import type { Serializer } from './serializer.js';

/** The serializers of one client or server. */
export class Serializers {
  readonly hessian = new Hessian2Serializer();
  private readonly json = new JsonSerializer();
  /** Without messages: enough to answer a request that reaches no service. */
  private readonly protobuf = new ProtobufSerializer(undefined);

  /** The one that a service's contract asks for. */
  of(service: ServiceContract): Serializer {
    const { serialization } = service;
    if (serialization === 'hessian2') return this.hessian;
    if (serialization === 'json') return this.json;
    return new ProtobufSerializer(serialization as ProtobufMessages);
  }

  /** The one with this codec id, to answer a request whose service is unknown; undefined for an unknown codec. */
  byCodec(codecId: number): Serializer | undefined {
    if (codecId === this.hessian.codecId) return this.hessian;
    if (codecId === this.json.codecId) return this.json;
    return codecId === this.protobuf.codecId ? this.protobuf : undefined;
  }
}
