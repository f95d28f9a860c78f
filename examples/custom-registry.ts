/** A registry of one's own, by URL: here a folder with a file for each provider. Run: npx tsx examples/custom-registry.ts */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Endpoint, Publisher, RegistryFactories, Resolver } from 'sofa-mesh-sdk';
import { defineService, endpointOf, MeshClient, MeshServer, t } from 'sofa-mesh-sdk';

/** Files `<service>/<address> <pid>`, each with one endpoint: another process may announce the same address. What throws here is tried again by the SDK, with backoff. */
class FolderRegistry implements Resolver, Publisher {
  constructor(private readonly folder: string) {}

  /** The whole list, again and again: one that says nothing new changes nothing. */
  async *watch(service: string, signal: AbortSignal) {
    for (; ; await sleep(100, undefined, { signal })) yield await this.list(service);
  }

  /** Resolves when others can see it; what it returns takes it back. */
  async publish(service: string, { host, port, address, attributes }: Endpoint) {
    const name = encodeURIComponent(`${address} ${process.pid}`);
    const file = join(this.folder, encodeURIComponent(service), name);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, JSON.stringify({ host, port, attributes }));
    return () => rm(file, { force: true });
  }

  private async list(service: string): Promise<Endpoint[]> {
    const folder = join(this.folder, encodeURIComponent(service));
    const files = await readdir(folder).catch(() => []); // No folder: nobody has published it yet.
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
    return texts.map((text) => JSON.parse(text)).map((e) => endpointOf(e.host, e.port, e.attributes));
  }
}

const folder = await mkdtemp(join(tmpdir(), 'registry-'));
// A `folder:` URL is one of ours now, for clients and servers that are given this.
const registries: RegistryFactories = {
  folder: (url) => new FolderRegistry(fileURLToPath(url.replace(/^folder:/, 'file:'))),
};
const registry = pathToFileURL(folder).href.replace(/^file:/, 'folder:');
const Greetings = defineService('com.acme.GreetingService', {
  greet: { args: [t.String.notNull()], returns: t.String },
});

const server = new MeshServer({ app: 'greeter', host: '127.0.0.1', port: 0, registry, registries });
server.add(Greetings, { greet: async (name) => `hello ${name}` });
await server.start();
console.log('published', await readdir(folder, { recursive: true }));

const mesh = new MeshClient({ app: 'caller', registry, registries });
console.log('answered ', await mesh.service(Greetings).greet('Grace'));

await mesh.close();
await server.stop();
console.log('left     ', await readdir(folder, { recursive: true }));
await rm(folder, { recursive: true });
