import type { Finding } from '../finding.js';
import type { Source } from '../source.js';

/** Inner methods of the old classes that a subclass could replace, and that compat does not promise to call. */
const INNER: Readonly<Record<string, readonly string[]>> = {
  RpcConsumer: ['_init', '_invoke', '_wrapError', 'handleRequest'],
  'client.RpcConnection': [
    '_handleRpcError',
    '_handleSocketError',
    '_cleanRequest',
    '_handleClose',
    'resetCounter',
  ],
  'server.RpcConnection': ['_handleHeartbeat', '_handleClose', '_handleSocketError'],
  RpcServer: ['_invokeService'],
  ZookeeperRegistry: ['clusterOptions', 'delegates', 'isClusterClientLeader'],
};
/** Fields of the old objects that others reached into. Those that egg's plugins use are kept. */
const REACHED = new Set([
  ...[
    '_addressGroup',
    '_addressListener',
    '_circuitBreaker',
    '_healthCounter',
    '_loadbalancer',
    '_middlewares',
  ],
  ...['_weightMap', '_faultAddressMap', '_zkClient', '_services', '_invokeService'],
]);

/** Subclasses that replace inner methods, and code that reaches into the old objects. */
export function* subclass(source: Source): Iterable<Finding> {
  const { code } = source;
  if (!source.usesOld) return;
  for (let at = 0; at < code.tokens.length; at++) {
    if (code.isName(at, 'extends')) yield* replaced(source, at);
    else if (/^\??\.$/.test(code.text(at - 1)) && REACHED.has(code.text(at)) && !isOwn(source, at)) {
      const message = `${code.text(at)} is of the inside of sofa-rpc-node; docs/compat.md lists what can be used instead`;
      yield { ...source.place(at), topic: 'internals', message };
    }
  }
}

function* replaced(source: Source, at: number): Iterable<Finding> {
  const { code } = source;
  const thing = source.thingAt(at + 1);
  const inner = thing && (INNER[`${thing.side}.${thing.name}`] ?? INNER[thing.name]);
  if (thing === undefined || inner === undefined) return;
  let open = at + 1;
  while (open < code.tokens.length && !code.isPunctuator(open, '{')) open++;
  for (let member = open + 1; member < code.closing(open); member++) {
    const partner = code.partner[member] as number;
    if (partner > member) member = partner;
    else if (inner.includes(code.text(member)) && /^[(=<]$/.test(code.text(member + 1))) {
      const message = `replaces ${code.text(member)} of ${thing.name}, which is not among what a subclass may replace: docs/compat.md lists that`;
      yield { ...source.place(member), topic: 'internals', message };
    }
  }
}

/** Of `this` and `super` it may be a field of the app's own class. */
function isOwn({ code }: Source, at: number): boolean {
  return code.isName(at - 2, 'this') || code.isName(at - 2, 'super');
}
