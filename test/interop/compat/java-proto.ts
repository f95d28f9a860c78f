// The protobuf messages of ../java as a protobufjs root. The old library looks services up by their Java interface, so the
// package is to be Java's; the names of packages are not on the wire.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const source = readFileSync(new URL('../java/src/main/proto/lab.proto', import.meta.url), 'utf8');

export const PROTO = protobuf.parse(source.replace('package lab;', 'package com.lab;')).root;
