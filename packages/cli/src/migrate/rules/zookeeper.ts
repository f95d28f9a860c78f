import type { Finding } from '../finding.js';
import { keysAround } from '../objects.js';
import type { Source } from '../source.js';

const MESSAGE =
  'the option zookeeper, a client library of the app, is refused: compat has its own session, with the package node-zookeeper-client; leave the option out';

/** A registry that was given a ZooKeeper client. */
export function* zookeeper(source: Source): Iterable<Finding> {
  const { code } = source;
  for (let at = 0; at < code.tokens.length; at++) {
    if (
      !code.isName(at, 'zookeeper') ||
      !/^[,{]$/.test(code.text(at - 1)) ||
      !/^[:,}]$/.test(code.text(at + 1))
    )
      continue;
    const around = keysAround(code, at).at(-1) ?? '';
    const registry = source.origins.of(around)?.path.at(-1) ?? around;
    if (/^(?:ZookeeperRegistry|registry)$/.test(registry))
      yield { ...source.place(at), topic: 'zookeeper', message: MESSAGE };
  }
}
