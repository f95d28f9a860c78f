import { argumentsAt } from './objects.js';
import { type ServiceName, serviceIn } from './service-names.js';
import type { Source } from './source.js';
import type { Place } from './text-file.js';

/** A contract that the app has: a call of defineService. */
export interface FoundContract {
  readonly place: Place;
  readonly service: ServiceName;
  /** Undefined where its methods are not written there. */
  readonly methods: readonly FoundMethod[] | undefined;
}

export interface FoundMethod {
  readonly name: string;
  /** Undefined where the contract does not say, which is taken for no. */
  readonly idempotent: boolean | undefined;
}

/** The contracts that a file defines. */
export function* contractsOf(source: Source): Iterable<FoundContract> {
  const { code } = source;
  for (let at = 0; at < code.tokens.length; at++) {
    if (!code.isName(at, 'defineService') || !code.isPunctuator(at + 1, '(')) continue;
    const [name, methods, options] = argumentsAt(code, at + 1).map(({ from }) => from);
    const interfaceName = name === undefined ? undefined : source.textAt(name);
    const settings = options === undefined ? [] : (source.objectAt(options) ?? []);
    const service = serviceIn(source, settings, { interfaceName });
    if (service === undefined) continue;
    yield {
      place: source.place(at),
      service,
      methods: methods === undefined ? undefined : methodsAt(source, methods),
    };
  }
}

function methodsAt(source: Source, at: number): FoundMethod[] | undefined {
  return source.objectAt(at)?.map(({ key, from }) => {
    const word = source.objectAt(from)?.find((property) => property.key === 'idempotent');
    return { name: key, idempotent: word && source.code.text(word.from) === 'true' };
  });
}
