import type { Address } from './address.js';

/**
 * Those of a list that serve the service with this uniqueId, or without any. Where none says so, those that name no other one:
 * sofa-rpc-node's providers never say theirs. A consumer that has none takes all then, as ever.
 */
export function ofUniqueId(uniqueId: string | undefined, addresses: Address[]): Address[] {
  const wanted = uniqueId || '';
  const own = addresses.filter((address) => nameOf(address) === wanted);
  if (own.length > 0 || wanted === '') return own.length > 0 ? own : addresses;
  return addresses.filter((address) => nameOf(address) === '');
}

function nameOf({ query }: Address): string {
  const name = query?.uniqueId;
  return (Array.isArray(name) ? name.at(-1) : name) ?? '';
}
