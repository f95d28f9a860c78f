import { basename, dirname } from 'node:path/posix';
import { EGG_PLUGINS } from './names.js';
import { keysAround, type Property } from './objects.js';
import { type ServiceName, type ServiceUse, serviceIn, textOf } from './service-names.js';
import type { Source } from './source.js';
import type { Place } from './text-file.js';

const CONFIG = /(?:^|\/)config\/config(?:\.[\w-]+)?\.[cm]?[jt]s$/;
const PLUGINS = /(?:^|\/)config\/plugin(?:\.[\w-]+)?\.[cm]?[jt]s$/;
const PROXIES = /(?:^|\/)config\/proxy(?:\.[\w-]+)?\.[cm]?[jt]s$/;
const SERVED = /(?:^|\/)app\/rpc\/[^/]+\.[cm]?[jt]s$/;

/** A plugin of egg that requires the old packages itself. */
export interface EggPlugin {
  readonly name: string;
  readonly place: Place;
}

/** What egg's conventions say beyond the code: which plugins are on, and which services the files of some folders are. */
export class EggApp {
  readonly plugins: readonly EggPlugin[];
  /** `rpc.server.namespace`, by the folder of the app. */
  private readonly namespaces = new Map<string, string>();

  constructor(sources: readonly Source[]) {
    this.plugins = sources.flatMap((source) => [...pluginsOf(source)]);
    for (const source of sources) {
      if (!CONFIG.test(source.path)) continue;
      const namespace = configText(source, 'namespace', 'server');
      if (namespace !== undefined) this.namespaces.set(appOf(source.path, 1), namespace);
    }
  }

  static mayBeOf(path: string): boolean {
    return [CONFIG, PLUGINS, PROXIES, SERVED].some((form) => form.test(path));
  }

  /** The address of `rpc.registry`. */
  registryOf(source: Source): Property | undefined {
    if (!CONFIG.test(source.path)) return undefined;
    return configValue(source, 'address', 'registry');
  }

  /** Services that a file of `app/rpc` serves, or that `config/proxy` makes proxies for. */
  *servicesOf(source: Source): Iterable<ServiceUse> {
    if (PROXIES.test(source.path)) yield* proxied(source);
    const namespace = this.namespaces.get(appOf(source.path, 2));
    if (SERVED.test(source.path)) yield* served(source, namespace);
  }
}

export function isServedByEgg(path: string): boolean {
  return SERVED.test(path);
}

function* pluginsOf(source: Source): Iterable<EggPlugin> {
  const { code } = source;
  if (!PLUGINS.test(source.path)) return;
  for (let at = 0; at < code.tokens.length; at++) {
    const name = code.stringAt(at);
    if (name === undefined || !EGG_PLUGINS.includes(name)) continue;
    if (code.isPunctuator(at - 1, ':') && code.isName(at - 2, 'package'))
      yield { name, place: source.place(at) };
  }
}

/** `exports.services = [{ appName, api: { Name: 'interface' | { interfaceName, version } } }]` */
function* proxied(source: Source): Iterable<ServiceUse> {
  const { code } = source;
  for (let at = 0; at < code.tokens.length; at++) {
    const isApi = (code.isName(at, 'api') || code.stringAt(at) === 'api') && code.isPunctuator(at + 1, ':');
    if (!isApi) continue;
    const defaults = siblingTexts(source, at);
    for (const { keyAt, from } of source.objectAt(at + 2) ?? []) {
      const options = source.objectAt(from) ?? [];
      const service = serviceIn(source, options, { ...defaults, interfaceName: source.textAt(from) });
      yield { place: source.place(keyAt), role: 'consumes', service, isDirect: false };
    }
  }
}

/** What the object that holds `api` says of the version of its services. */
function siblingTexts(source: Source, at: number): Partial<ServiceName> {
  const { code } = source;
  for (let open = at - 1; open >= 0; open--) {
    const partner = code.partner[open] as number;
    if (partner >= 0 && partner < open) open = partner;
    else if (partner > at) {
      const siblings = source.objectAt(open) ?? [];
      return { version: textOf(source, siblings, 'version'), uniqueId: textOf(source, siblings, 'uniqueId') };
    }
  }
  return {};
}

/** A file of `app/rpc` is `<namespace>.<its name>`, unless it says its interface itself. */
function* served(source: Source, namespace: string | undefined): Iterable<ServiceUse> {
  const own = ownText(source, 'interfaceName');
  const within = ownText(source, 'namespace') ?? namespace;
  const name = inCamelCase(basename(source.path).replace(/\.[cm]?[jt]s$/, ''));
  const interfaceName = own ?? (within === undefined ? undefined : `${within}.${name}`);
  const service =
    interfaceName === undefined ? undefined : serviceIn(source, ownTexts(source), { interfaceName });
  yield { place: source.place(0), role: 'serves', service, isDirect: false };
}

function ownTexts(source: Source): Property[] {
  return ['version', 'uniqueId'].flatMap((key) => {
    const at = ownAt(source, key);
    return at === undefined
      ? []
      : [{ key, keyAt: at, from: at, to: at, kind: 'value' as const, isGenerator: false }];
  });
}

function ownText(source: Source, key: string): string | undefined {
  const at = ownAt(source, key);
  return at === undefined ? undefined : source.textAt(at);
}

/** The value of `exports.key = ..`, `static key = ..`, `key: ..`, `static get key() { return ..; }`. */
function ownAt({ code }: Source, key: string): number | undefined {
  for (let at = 0; at < code.tokens.length; at++) {
    if (!code.isName(at, key)) continue;
    if (/^[:=]$/.test(code.text(at + 1))) return at + 2;
    if (code.isPunctuator(at + 1, '(') && code.isName(at + 4, 'return')) return at + 5;
  }
  return undefined;
}

function configText(source: Source, key: string, within: string): string | undefined {
  const found = configValue(source, key, within);
  return found && source.textAt(found.from);
}

/** `exports.rpc = { within: { key: value } }`, in any of the ways to write that. */
function configValue(source: Source, key: string, within: string): Property | undefined {
  const { code } = source;
  for (let at = 0; at < code.tokens.length; at++) {
    if (!code.isName(at, within) || !/^[:=]$/.test(code.text(at + 1))) continue;
    const found = source.objectAt(at + 2)?.find((property) => property.key === key);
    if (found === undefined) continue;
    const keys = keysAround(code, at);
    // config.rpc.client = { .. }
    if (keys.includes('rpc') || code.isName(at - 2, 'rpc')) return found;
  }
  return undefined;
}

/** `hello_service` and `hello-service` are `helloService`; the first letter stays as it is. */
function inCamelCase(name: string): string {
  return name.replace(/[_-][a-z]/gi, (pair) => (pair[1] as string).toUpperCase());
}

/** The folder of the app that a file is so many folders deep in. */
function appOf(path: string, depth: number): string {
  let folder = dirname(path);
  for (let up = 0; up < depth; up++) folder = dirname(folder);
  return folder;
}
