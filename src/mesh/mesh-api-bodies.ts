// Key by key and in the order that Java SOFARPC 5.13 sends them in `mesh` mode; the port is a string, as in later versions.

/** Who this application is, for the sidecar and for the registry behind it. */
export interface ApplicationConfig {
  readonly appName: string;
  readonly antShareCloud?: string | boolean;
  readonly dataCenter?: string;
  readonly zone?: string;
  readonly registryEndpoint?: string;
  /** Never appears in a message. */
  readonly accessKey?: string;
  /** Never appears in a message. */
  readonly secretKey?: string;
}

/** One service that this application provides. */
export interface Publication {
  /** Service id, `interface:version[:uniqueId]`. */
  readonly service: string;
  readonly appName: string;
  /** Where the application listens. */
  readonly port: number;
  /** `hessian2`, `protobuf` or `json`. */
  readonly serializeType: string;
  readonly protocol: 'bolt';
  readonly group?: string;
  /** What else callers are told of this instance: weight, startTime, ... */
  readonly properties: Readonly<Record<string, string>>;
}

export function applicationBody(config: ApplicationConfig): string {
  const { appName, antShareCloud, dataCenter, zone, registryEndpoint, accessKey, secretKey } = config;
  return JSON.stringify({
    appName,
    antShareCloud,
    dataCenter,
    zone,
    registryEndpoint,
    accessKey,
    secretKey,
  });
}

/** The port is in both places that sidecars look for it. */
export function publishBody(publication: Publication): string {
  const { service, appName, serializeType, protocol, group = null, properties } = publication;
  const port = String(publication.port);
  return JSON.stringify({
    serviceName: service,
    port,
    protocolType: protocol,
    providerMetaInfo: {
      protocol,
      version: '4.0',
      serializeType,
      appName,
      properties: { ...properties, port },
    },
    onlyPublishInCloud: false,
    group,
  });
}

export function subscribeBody(service: string): string {
  return JSON.stringify({
    serviceName: service,
    protocolType: 'bolt',
    targetAppAddress: null,
    vipEnforce: false,
    vipOnly: false,
    localCloudFirst: false,
    group: null,
    properties: null,
  });
}

export function unsubscribeBody(service: string): string {
  return JSON.stringify({ serviceName: service, targetAppAddress: null, protocolType: 'bolt', group: null });
}

export function unpublishBody(service: string): string {
  return JSON.stringify({ serviceName: service, protocolType: 'bolt', group: null });
}
