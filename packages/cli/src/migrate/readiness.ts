import { registryName } from '../../../../src/discovery/registry-name.js';
import type { FoundContract } from './contracts.js';
import type { Listed, LookUp } from './look-up.js';
import type { FoundRegistry } from './registries.js';
import { type ServiceName, type ServiceUse, serviceId } from './service-names.js';
import type { Place } from './text-file.js';

/** One condition for a service to go through the mesh as what it is. */
export interface Condition {
  /** Undefined where it was not looked at. */
  readonly isMet: boolean | undefined;
  readonly text: string;
}

/** What is known of one service of the app, and whether it is ready for the mesh. */
export interface ServiceState {
  /** `interface:version[:uniqueId]`; undefined where the code does not say which service it is. */
  readonly service: string | undefined;
  readonly consumedAt: readonly Place[];
  readonly servedAt: readonly Place[];
  readonly contract: Condition;
  readonly idempotent: Condition;
  readonly registry: Condition;
  readonly isReady: boolean;
}

export interface ReadinessInput {
  readonly uses: readonly ServiceUse[];
  readonly contracts: readonly FoundContract[];
  /** URLs of the registries, and how many more the code has whose address is not written in it. */
  readonly registries: readonly FoundRegistry[];
  /** In the place of the registries of the code. */
  readonly registry?: string | undefined;
  /** Undefined where nothing is to be looked at. */
  readonly lookUp?: LookUp | undefined;
}

const UNRESOLVED: Condition = { isMet: false, text: 'its interface is not written in the code' };

/** Puts together what is known of each service. Registries are asked all at once. */
export async function readinessOf(input: ReadinessInput): Promise<ServiceState[]> {
  const byId = new Map<string, ServiceUse[]>();
  for (const use of input.uses) {
    const id = use.service === undefined ? '' : serviceId(use.service);
    byId.set(id, [...(byId.get(id) ?? []), use]);
  }
  const listed = await listings(
    input,
    [...byId.keys()].filter((id) => id !== ''),
  );
  const ids = [...byId.keys()].sort((a, b) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : 1));
  return ids.map((id) => stateOf(id, byId.get(id) as ServiceUse[], input, listed));
}

type Listings = ReadonlyMap<string, ReadonlyMap<string, Listed>>;

async function listings(input: ReadinessInput, services: readonly string[]): Promise<Listings> {
  const { lookUp } = input;
  if (lookUp === undefined || services.length === 0) return new Map();
  const urls = urlsOf(input);
  return new Map(await Promise.all(urls.map(async (url) => [url, await lookUp(url, services)] as const)));
}

function urlsOf({ registry, registries }: ReadinessInput): string[] {
  if (registry !== undefined) return [registry];
  return [...new Set(registries.flatMap(({ url }) => url ?? []))];
}

function stateOf(
  id: string,
  uses: readonly ServiceUse[],
  input: ReadinessInput,
  listed: Listings,
): ServiceState {
  const at = (role: ServiceUse['role']) => uses.filter((use) => use.role === role).map(({ place }) => place);
  const service = uses[0]?.service;
  const places = { consumedAt: at('consumes'), servedAt: at('serves') };
  if (service === undefined) {
    const conditions = { contract: UNRESOLVED, idempotent: UNRESOLVED, registry: UNRESOLVED };
    return { service, ...places, ...conditions, isReady: false };
  }
  const contract = contractFor(service, input.contracts);
  const conditions = {
    contract: contractCondition(service, contract, input.contracts),
    idempotent: idempotentCondition(contract),
    registry: registryCondition(id, uses, input, listed),
  };
  const isReady = Object.values(conditions).every(({ isMet }) => isMet !== false);
  return { service: id, ...places, ...conditions, isReady };
}

function contractFor(service: ServiceName, contracts: readonly FoundContract[]): FoundContract | undefined {
  const id = serviceId(service);
  return contracts.find((contract) => serviceId(contract.service) === id);
}

function contractCondition(
  { interfaceName }: ServiceName,
  contract: FoundContract | undefined,
  contracts: readonly FoundContract[],
): Condition {
  if (contract !== undefined) {
    const { file, line } = contract.place;
    return { isMet: true, text: `defineService in ${file}:${line}` };
  }
  const other = contracts.find(({ service }) => service.interfaceName === interfaceName);
  const text =
    other === undefined
      ? `no defineService('${interfaceName}', ..) in the app`
      : `the app's contract is for ${serviceId(other.service)}`;
  return { isMet: false, text };
}

function idempotentCondition(contract: FoundContract | undefined): Condition {
  const { methods } = contract ?? {};
  if (contract === undefined)
    return { isMet: false, text: 'needs a contract: its methods say idempotent: true' };
  if (methods === undefined)
    return { isMet: undefined, text: 'the methods of the contract are not written beside it' };
  const unsaid = methods.filter(({ idempotent }) => idempotent === undefined).map(({ name }) => name);
  const yes = methods.filter(({ idempotent }) => idempotent === true).map(({ name }) => name);
  if (unsaid.length === methods.length) {
    return {
      isMet: false,
      text: `no method says idempotent, true or false: ${unsaid.join(', ')} are not retried`,
    };
  }
  const retried = yes.length === 0 ? 'no method may be retried' : `may be retried: ${yes.join(', ')}`;
  return {
    isMet: true,
    text: unsaid.length === 0 ? retried : `${retried}; does not say: ${unsaid.join(', ')}`,
  };
}

function registryCondition(
  id: string,
  uses: readonly ServiceUse[],
  input: ReadinessInput,
  listed: Listings,
): Condition {
  const urls = urlsOf(input);
  if (input.registry === undefined && uses.every(({ isDirect }) => isDirect)) {
    return {
      isMet: false,
      text: 'its address is in the code (serverHost): --registry tells where the mesh finds it',
    };
  }
  if (urls.length === 0) {
    const [unwritten] = input.registries;
    const where =
      unwritten === undefined
        ? 'no registry'
        : `the address of the registry in ${unwritten.place.file} is not`;
    return { isMet: false, text: `${where} in the code: --registry tells where it is` };
  }
  if (input.lookUp === undefined) return { isMet: undefined, text: 'not looked at (--offline)' };
  const answers = urls.map((url) => [url, listed.get(url)?.get(id) ?? 'not asked'] as const);
  const isMet = answers.some(([, answer]) => typeof answer === 'number');
  return {
    isMet,
    text: answers.map(([url, answer]) => `${registryName(url)}: ${inWords(answer)}`).join('; '),
  };
}

function inWords(answer: Listed): string {
  if (typeof answer === 'string') return answer;
  return answer === 0 ? 'reachable, lists no provider' : `reachable, lists ${answer} of its providers`;
}
