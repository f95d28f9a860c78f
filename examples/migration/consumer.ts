/** What the consuming application writes, once: no step of its migration changes it. */
import { MeshClient, type RegistryOption, Sidecar } from 'sofa-mesh-sdk';

export interface ConsumerOptions {
  readonly registry: RegistryOption;
  /** Where its sidecar will be. An application leaves both out: the environment says it, or the field's custom. */
  readonly api: string;
  readonly egress: string;
  /** The file that operators edit, in a container from a ConfigMap. */
  readonly policy: string;
}

export function startConsumer({ registry, api, egress, policy }: ConsumerOptions) {
  const sidecar = new Sidecar({ app: 'shop', api, egress });
  const mesh = new MeshClient({ app: 'shop', mode: 'auto', registry, sidecar, policy });

  // To a log, or to whatever wakes somebody up.
  mesh.on('switch', ({ service, from, to, reason }) =>
    console.log(`   event    switch ${service}: ${from} % -> ${to} %: ${reason}`),
  );
  mesh.on('rolledBack', ({ service, reason }) => console.log(`   event    rolledBack ${service}: ${reason}`));
  mesh.on('difference', ({ service, method, paths }) =>
    console.log(`   event    difference ${service} ${method}: ${paths.join(', ')}`),
  );
  mesh.on('degraded', ({ service = 'the sidecar', reason }) =>
    console.log(`   event    degraded ${service}: ${reason}`),
  );

  return {
    mesh,
    close: async () => {
      await mesh.close();
      // The session is ours: it could serve other clients and servers of this process, too.
      await sidecar.close();
    },
  };
}
