import { generator } from './generator.js';
import { grpc } from './grpc.js';
import { LEFTOVER_RULES } from './leftovers.js';
import { protocol } from './protocol.js';
import { scheduler } from './scheduler.js';
import type { SourceRule } from './source-rule.js';
import { subclass } from './subclass.js';
import { uncaught } from './uncaught.js';
import { uniqueId } from './unique-id.js';
import { zookeeper } from './zookeeper.js';

/** Everything that a person is told of, file by file. */
export const SOURCE_RULES: readonly SourceRule[] = [
  ...LEFTOVER_RULES,
  ...[grpc, uncaught, scheduler],
  ...[protocol, zookeeper, generator, uniqueId, subclass],
];
