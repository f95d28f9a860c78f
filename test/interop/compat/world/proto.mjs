// One protobuf service for all scenarios: sofa-bolt-node keeps what it once looked up, by name, for the whole process.

const SOURCE = `
syntax = "proto3";
package com.test.proto;

service EchoService {
  rpc echoObj (EchoRequest) returns (EchoResponse);
  rpc fail (EchoRequest) returns (EchoResponse);
}

message EchoRequest {
  string name = 1;
  Group group = 2;
  int64 big = 3;
}

message EchoResponse {
  int32 code = 1;
  string message = 2;
}

enum Group {
  A = 0;
  B = 1;
}
`;

export const PROTO_SERVICE = 'com.test.proto.EchoService';

/** @type {any} */
let root;

/** The parsed root, as users hand it over. @param {import('./world.mjs').World} w */
export function protoOf(w) {
  root ??= w.fromOld('protobufjs').parse(SOURCE).root;
  return root;
}

export const protoEcho = {
  /** @param {{ name: string, group: number }} request */
  async echoObj({ name, group }) {
    return { code: 200, message: `hello ${name}, you are in ${group}` };
  },

  async fail() {
    throw new Error('protobuf failure');
  },
};
