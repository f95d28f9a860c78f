// What clients of the mesh API send. Java's bodies, those of Python (a port that is a string) and of C++ (PascalCase keys)
// mean the same: keys are taken in any case, and every scalar as text.

/** What an app publishes. */
export interface DevPublished {
  readonly service: string;
  /** Where the app itself listens: the published port, or the assumed one. */
  readonly port: number;
  /** What the registry is told of the provider, beside its port. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The value of a key, in whatever case it is written. */
function field(body: unknown, key: string): unknown {
  const wanted = key.toLowerCase();
  return pairs(body).find(([known]) => known.toLowerCase() === wanted)?.[1];
}

function pairs(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** A scalar; empty where there is none. */
function text(value: unknown): string {
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}

/** What an application body says. */
export interface DevApplication {
  readonly appName: string;
  readonly dataCenter: string;
  readonly zone: string;
}

/** @returns undefined where it does not say who it is. */
export function applicationBy(body: unknown): DevApplication | undefined {
  const appName = text(field(body, 'appName'));
  if (appName === '') return undefined;
  return { appName, dataCenter: text(field(body, 'dataCenter')), zone: text(field(body, 'zone')) };
}

/** The service that a body is about. */
export function serviceNameOf(body: unknown): string {
  return text(field(body, 'serviceName'));
}

/** The port that a publish body names, as it is written: at the top, or among the properties. Empty where there is none. */
export function portOf(body: unknown): string {
  return text(field(body, 'port')) || text(field(propertiesOf(body), 'port'));
}

export function attributesOf(body: unknown, application: DevApplication): Record<string, string> {
  const meta = field(body, 'providerMetaInfo');
  const attributes: Record<string, string> = {
    appName: text(field(meta, 'appName')) || application.appName,
  };
  const serialization = text(field(meta, 'serializeType'));
  if (serialization !== '') attributes.serialization = serialization;
  for (const [key, value] of pairs(propertiesOf(body))) {
    if (key.toLowerCase() !== 'port') attributes[key] = text(value);
  }
  return attributes;
}

function propertiesOf(body: unknown): unknown {
  return field(field(body, 'providerMetaInfo'), 'properties');
}
