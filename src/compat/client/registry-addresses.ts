import type { Logger } from '../logger.js';
import type { AddressListener, CompatRegistry } from '../registry/registry.js';
import type { Address } from './address.js';
import { ofUniqueId } from './unique-id.js';

export interface RegistryAddressesOptions {
  readonly logger: Logger;
  readonly uniqueId: string | undefined;
  readonly parseUrl: (url: string) => Address;
  /** Told the addresses of a list. */
  readonly onAddresses: (addresses: Address[]) => void;
}

/** Makes addresses of the lists that a registry tells. What is no text is left out, with a warning. */
export function addressListener(options: RegistryAddressesOptions): AddressListener {
  const { logger, uniqueId, parseUrl, onAddresses } = options;
  return (urls) => {
    const texts = urls.filter((url) => {
      if (typeof url === 'string') return true;
      logger.warn('[RpcConsumer] subscribe address format invalid:', url);
      return false;
    });
    onAddresses(ofUniqueId(uniqueId, texts.map(parseUrl)));
  };
}

/**
 * Asks a registry when it is ready. Resolves then, or as soon as calls can be made without it. One that fails to become ready
 * may be there later: it is asked all the same, and this rejects.
 */
export async function askWhenReady(
  registry: CompatRegistry,
  ask: () => void,
  usable: Promise<unknown>,
): Promise<void> {
  try {
    await Promise.race([registry.ready().then(ask), usable]);
  } catch (error) {
    ask();
    throw error;
  }
}
