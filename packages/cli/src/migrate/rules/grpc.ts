import type { Finding } from '../finding.js';
import type { Source } from '../source.js';

/** The names of the old gRPC side: they exist, and say what to use when they are touched. */
export function* grpc(source: Source): Iterable<Finding> {
  const { code } = source;
  for (let at = 0; at < code.tokens.length; at++) {
    const name = code.text(at);
    if (!/^GRpc(?:Client|Connection|Server)$/.test(name) || !code.isName(at)) continue;
    const message = `${name} throws: compat speaks Bolt alone; use @grpc/grpc-js for gRPC`;
    yield { ...source.place(at), topic: 'grpc', message };
  }
}
