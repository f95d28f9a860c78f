/** What the steps have in common: none of them changes it. */

const quiet = () => {};
export const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** The types that values have for Java, as sofa-rpc-node is told them. */
export const classMap = {
  'com.acme.stock.Article': {
    name: { type: 'java.lang.String' },
    left: { type: 'int' },
    serial: { type: 'long' },
  },
};

/** Stands in for `new registry.ZookeeperRegistry({ logger, address })`, so that nothing has to be installed. */
export class MemoryRegistry {
  /** @type {Map<string, Set<string>>} */
  urls = new Map();
  /** @type {Map<string, Set<(urls: string[]) => void>>} */
  listeners = new Map();

  ready() {
    return Promise.resolve();
  }

  /** @param {{ interfaceName: string, url: string }} provider */
  async register({ interfaceName, url }) {
    this.urls.set(interfaceName, (this.urls.get(interfaceName) ?? new Set()).add(url));
    this.tell(interfaceName);
  }

  /** @param {{ interfaceName: string, url: string }} provider */
  async unRegister({ interfaceName, url }) {
    this.urls.get(interfaceName)?.delete(url);
    this.tell(interfaceName);
  }

  /** @param {{ interfaceName: string }} service @param {(urls: string[]) => void} listener */
  subscribe({ interfaceName }, listener) {
    this.listeners.set(interfaceName, (this.listeners.get(interfaceName) ?? new Set()).add(listener));
    setImmediate(() => listener([...(this.urls.get(interfaceName) ?? [])]));
  }

  /** @param {{ interfaceName: string }} service @param {(urls: string[]) => void} [listener] */
  unSubscribe({ interfaceName }, listener) {
    if (listener !== undefined) this.listeners.get(interfaceName)?.delete(listener);
    else this.listeners.delete(interfaceName);
  }

  /** @param {string} interfaceName */
  tell(interfaceName) {
    const urls = [...(this.urls.get(interfaceName) ?? [])];
    for (const listener of this.listeners.get(interfaceName) ?? []) listener(urls);
  }
}
