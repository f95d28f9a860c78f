import type { Clock } from '../core/clock.js';
import { doubtsOf, hostOption, publishedHost, thisMachine } from '../discovery/published-host.js';
import type { Address } from './listener.js';
import type { MeshServerOptions } from './options.js';

/** The address that others are told of a server. */
export class OwnAddress {
  private readonly wantedHost: string | undefined;
  private readonly doubts = new Set<string>();

  /** @throws MeshError INVALID_ARGUMENT for a published host that is none. */
  constructor(
    private readonly options: MeshServerOptions,
    private readonly clock: Clock,
    private readonly warn: (text: string) => void,
  ) {
    this.wantedHost = hostOption(options.publishHost, process.env);
  }

  /** For a registry. @param towards a host of it. */
  async inRegistry(bound: Address, towards: string | undefined): Promise<Address> {
    const { wantedHost: wanted } = this;
    const host = await publishedHost({ wanted, bound: bound.host, towards }, thisMachine(this.clock));
    this.warnOnce(doubtsOf(host, towards));
    return { host, port: this.options.publishPort ?? bound.port };
  }

  /**
   * For the sidecar, which tells others its own address: it is on this machine, inside of whatever makes the published port
   * another one.
   */
  atSidecar({ host, port }: Address): Address {
    return { host: this.wantedHost ?? host, port };
  }

  private warnOnce(doubt: string | undefined): void {
    if (doubt === undefined || this.doubts.has(doubt)) return;
    this.doubts.add(doubt);
    this.warn(doubt);
  }
}
