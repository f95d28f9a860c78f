import type { EggApp } from './egg.js';
import { serviceCallsOf } from './service-calls.js';
import { DEFAULT_VERSION, type ServiceUse, serviceIn } from './service-names.js';
import type { Source } from './source.js';

/** The services that an app's code calls and serves, file by file. */
export function servicesOf(sources: readonly Source[], egg: EggApp): ServiceUse[] {
  return sources.flatMap((source) => [...ofCalls(source), ...egg.servicesOf(source)]);
}

function* ofCalls(source: Source): Iterable<ServiceUse> {
  for (const { role, at, args } of serviceCallsOf(source)) {
    const [first] = args as [number];
    const options = source.objectAt(first);
    const name = role === 'serves' ? source.textAt(first) : undefined;
    const service = options
      ? serviceIn(source, options)
      : name === undefined
        ? undefined
        : { interfaceName: name, version: DEFAULT_VERSION, uniqueId: '' };
    const isDirect = options?.some(({ key }) => key === 'serverHost') ?? false;
    yield { place: source.place(at), role, service, isDirect };
  }
}
