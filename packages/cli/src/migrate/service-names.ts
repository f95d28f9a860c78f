import type { Property } from './objects.js';
import type { Source } from './source.js';
import type { Place } from './text-file.js';

/** A service by its name, as far as the code says it. */
export interface ServiceName {
  readonly interfaceName: string;
  /** `1.0` where the code says none. */
  readonly version: string;
  /** Empty where there is none. */
  readonly uniqueId: string;
}

/** One place where a service is called or served. */
export interface ServiceUse {
  readonly place: Place;
  readonly role: 'consumes' | 'serves';
  /** Undefined where its name is made at run time. */
  readonly service: ServiceName | undefined;
  /** Its address is in the code: no registry is asked. */
  readonly isDirect: boolean;
}

export const DEFAULT_VERSION = '1.0';

/** `interface:version[:uniqueId]` */
export function serviceId({ interfaceName, version, uniqueId }: ServiceName): string {
  return [interfaceName, version, uniqueId].filter((part) => part !== '').join(':');
}

/** The service that options name; undefined where its interface is not written there. */
export function serviceIn(
  source: Source,
  options: readonly Property[],
  defaults: Partial<ServiceName> = {},
): ServiceName | undefined {
  const interfaceName = textOf(source, options, 'interfaceName') ?? defaults.interfaceName;
  if (interfaceName === undefined || interfaceName === '') return undefined;
  return {
    interfaceName,
    version: textOf(source, options, 'version') ?? defaults.version ?? DEFAULT_VERSION,
    uniqueId: textOf(source, options, 'uniqueId') ?? defaults.uniqueId ?? '',
  };
}

/** The text of an option, where it is written in the file. */
export function textOf(source: Source, options: readonly Property[], key: string): string | undefined {
  const property = options.find((option) => option.key === key);
  if (property === undefined || property.kind === 'method') return undefined;
  return source.textAt(property.from);
}
