// What a Node.js client does with a provider, one behaviour a case: the same whether its calls go directly or through
// sidecars.
import { CALLS, JAVA_CALLS } from './call-cases.js';
import { FAILURES, JAVA_FAILURES } from './failure-cases.js';
import { JAVA_JSON_CALLS, JSON_CALLS, PROTOBUF_CALLS } from './format-cases.js';
import { GRAPHS, JAVA_GRAPHS } from './graph-cases.js';
import { SERVICES, UNTYPED } from './service-cases.js';
import type { Cases } from './support.js';
import { TYPES } from './type-cases.js';

/** Cases that every provider of com.lab passes, by subject. */
export const CLIENT_CASES: Readonly<Record<string, Cases>> = {
  types: TYPES,
  calls: CALLS,
  graphs: GRAPHS,
  failures: FAILURES,
  'services, metadata and one-way calls': SERVICES,
  'without a contract': UNTYPED,
  json: JSON_CALLS,
  protobuf: PROTOBUF_CALLS,
};

/** Cases whose answers only Java gives: of its own classes and exceptions, and of what it makes of mistakes. */
export const JAVA_CASES: Readonly<Record<string, Cases>> = {
  calls: JAVA_CALLS,
  graphs: JAVA_GRAPHS,
  failures: JAVA_FAILURES,
  json: JAVA_JSON_CALLS,
};
