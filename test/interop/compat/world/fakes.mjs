// Stand-ins that users of the library write in their tests.

/** A registry in memory: consumers hear its list, `push` changes it, and it remembers what it was asked. */
export class FakeRegistry {
  /** The configs of subscribe(), in plain form. @type {unknown[]} */
  subscribed = [];
  /** The configs of unSubscribe(), and whether the listener was that of a subscription. @type {unknown[]} */
  unsubscribed = [];
  /** @type {((list: unknown[]) => void)[]} */
  listeners = [];

  /** @param {import('./world.mjs').World} w @param {unknown[]} [list] */
  constructor(w, list) {
    this.w = w;
    this.list = list;
  }

  async ready() {}

  /** @param {any} config @param {(list: unknown[]) => void} listener */
  subscribe(config, listener) {
    this.subscribed.push(this.w.plain(config));
    this.listeners.push(listener);
    if (this.list !== undefined) listener([...this.list]);
  }

  /** @param {any} config @param {(list: unknown[]) => void} listener */
  unSubscribe(config, listener) {
    const isKnown = this.listeners.includes(listener);
    this.unsubscribed.push({ config: this.w.plain(config), isKnown });
    this.listeners = this.listeners.filter((one) => one !== listener);
  }

  /** Tells all listeners. @param {unknown[]} list */
  push(list) {
    this.list = list;
    for (const listener of this.listeners) listener([...list]);
  }
}

/**
 * A connection class that needs no network: it answers with the address it was made for. `made` lists its instances.
 * @param {any} Base The library's RpcConnection.
 */
export function connectionWithoutNetwork(Base) {
  return class OffNetwork extends Base {
    /** @type {any[]} */
    static made = [];

    _connect() {
      OffNetwork.made.push(this);
      this.ready(true);
    }

    get isConnected() {
      return true;
    }

    async invoke() {
      return { error: null, appResponse: this.address.host };
    }

    async close() {
      this.emit('close');
    }
  };
}

/**
 * A connection manager that needs no network: each connection answers with the address it was asked for. `asked` lists the
 * hosts of createAndGet. Hosts in `down` cannot be connected.
 */
export function managerWithoutNetwork(/** @type {import('./world.mjs').World} */ w) {
  const Base = w.lib.client.RpcConnectionMgr;
  return class ManagerWithoutNetwork extends Base {
    /** @type {string[]} */
    static asked = [];
    /** @type {Set<string>} */
    static down = new Set();

    /** @param {any} address */
    get(address) {
      if (ManagerWithoutNetwork.down.has(address.host)) return null;
      return {
        isConnected: true,
        lastInvokeTime: 0,
        invoke: async () => ({ error: null, appResponse: address.host }),
        heartbeat() {},
        resetCounter() {},
      };
    }

    /** @param {any} address */
    doGetConn(address) {
      return this.get(address);
    }

    /** @param {any} address */
    async createAndGet(address) {
      ManagerWithoutNetwork.asked.push(address.host);
      return this.get(address);
    }

    async close() {}
  };
}
