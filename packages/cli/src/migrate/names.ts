/** The packages that an app comes from. */
export type OldPackage = 'sofa-rpc-node' | 'sofa-bolt-node';

/** The package that it goes to. */
export const NEW_PACKAGE = 'sofa-mesh-sdk';

/** What its registry in ZooKeeper needs besides. */
export const ZOOKEEPER_PACKAGE = 'node-zookeeper-client';

/** Which versions of these two an app is to ask for. */
export interface Versions {
  readonly [NEW_PACKAGE]: string;
  readonly [ZOOKEEPER_PACKAGE]: string;
}

/** What stands in for each. */
const STANDS_IN: Readonly<Record<OldPackage, string>> = {
  'sofa-rpc-node': 'sofa-mesh-sdk/compat',
  'sofa-bolt-node': 'sofa-mesh-sdk/compat/bolt',
};

export const OLD_PACKAGES = Object.keys(STANDS_IN) as OldPackage[];

/** Packages of egg that require the old ones themselves. */
export const EGG_PLUGINS: readonly string[] = ['egg-rpc-base', 'egg-sofa-rpc'];

/** Names of packages that stand for an old one in an app: npm's aliases, and the old names themselves. */
export type Aliases = ReadonlyMap<string, OldPackage>;

export const NO_ALIASES: Aliases = new Map(OLD_PACKAGES.map((name) => [name, name]));

/** The entry of the new package that stands in for an old one. */
export function standInOf(old: OldPackage): string {
  return STANDS_IN[old];
}

/** A specifier that leads to an old package. */
export interface OldSpecifier {
  readonly old: OldPackage;
  /** What follows the package's name: `lib/client/request`, or nothing. */
  readonly inside: string;
}

/** What of an old package a specifier names, if any. */
export function oldSpecifier(specifier: string, aliases: Aliases): OldSpecifier | undefined {
  // A scoped name has a slash of its own.
  const [, name = '', inside = ''] = /^((?:@[^/]*\/)?[^/]*)\/?(.*)$/s.exec(specifier) ?? [];
  const old = aliases.get(name);
  return old === undefined ? undefined : { old, inside };
}

/** Which old package an entry of ours stands in for, so that a second run sees what the first one did. */
export function stoodInFor(specifier: string): OldPackage | undefined {
  return OLD_PACKAGES.find((old) => STANDS_IN[old] === specifier);
}

/** Where the things of an old package's files are now. */
const MOVED: readonly (readonly [RegExp, string])[] = [
  [/^(lib\/?)?(index(\.js)?)?$/, ''],
  [/^lib\/(client|server|registry|test)(\/index(\.js)?)?$/, '.$1'],
  [/^lib\/client\/client(\.js)?$/, '.client.RpcClient'],
  [/^lib\/client\/consumer(\.js)?$/, '.client.RpcConsumer'],
  [/^lib\/client\/request(\.js)?$/, '.client.RpcRequest'],
  [/^lib\/client\/connection\/rpc(\.js)?$/, '.client.RpcConnection'],
  [/^lib\/client\/connection_mgr(\.js)?$/, '.client.RpcConnectionMgr'],
  [/^lib\/client\/dynamic_config(\.js)?$/, '.client.DynamicConfig'],
  [/^lib\/server\/server(\.js)?$/, '.server.RpcServer'],
  [/^lib\/server\/service(\.js)?$/, '.server.RpcService'],
  [/^lib\/server\/response(\.js)?$/, '.server.RpcResponse'],
  [/^lib\/server\/connection(\.js)?$/, '.server.RpcConnection'],
  [/^lib\/registry\/zk(\/.*)?$/, '.registry.ZookeeperRegistry'],
];

/** The public place of what a deep specifier leads to, as code to write; undefined where there is none. */
export function publicPlaceOf({ old, inside }: OldSpecifier): string | undefined {
  for (const [form, place] of MOVED) {
    if (form.test(inside) && (old === 'sofa-rpc-node' || place === '')) {
      return `require('${STANDS_IN[old]}')${inside.replace(form, place)}`;
    }
  }
  return undefined;
}
