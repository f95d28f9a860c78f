import { reasonOf } from '../../core/reason.js';
import type { SubscribeConfig } from './registry.js';

/** What the name of a provider's node says. */
export interface ProviderUrl {
  /** As it was registered. */
  readonly url: string;
  /** Whether a consumer is to know of it at all: it is a provider, and none that was switched off. */
  readonly isOffered: boolean;
  /** Nothing where it does not say, as the two after it: it then goes with any. */
  readonly interfaceName: string;
  readonly version: string;
  readonly group: string;
}

/** Reads a node's name; a text says what is wrong with it. */
export function readProviderUrl(name: string): ProviderUrl | string {
  try {
    const url = decodeURIComponent(name);
    const { searchParams, pathname } = new URL(url);
    const first = (...keys: string[]): string => keys.map((key) => searchParams.get(key)).find(Boolean) ?? '';
    return {
      url,
      isOffered: ['', 'providers'].includes(first('category')) && ['', 'true'].includes(first('enabled')),
      interfaceName: first('interface') || pathname.slice(1),
      version: first('version', 'default.version'),
      group: first('group', 'default.group'),
    };
  } catch (error) {
    return reasonOf(error);
  }
}

/** Where both sides name a version, or a group, it must be the same one. A uniqueId is not looked at. */
export function isWanted(provider: ProviderUrl, by: SubscribeConfig): boolean {
  return (
    provider.isOffered &&
    goTogether(provider.interfaceName, by.interfaceName) &&
    goTogether(provider.version, by.version) &&
    goTogether(provider.group, by.group)
  );
}

function goTogether(offered: string, wanted: string | null | undefined): boolean {
  return offered === '' || !wanted || offered === wanted;
}
