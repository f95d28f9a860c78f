/** Node.js and real Java SOFARPC, both ways, each in processes of its own. Run: npm run demo:java */
import { defineService, MeshClient, MeshError, MeshServer, t } from 'sofa-mesh-sdk';
import { NotFound, Person, Slow } from '../../test/interop/java/contracts.js';
import { type Answer, build, startPeer, startProvider } from '../../test/interop/java/harness.js';

/** com.lab.PeopleService, as far as this demo needs it; Java's interface has more methods. */
const People = defineService('com.lab.PeopleService', {
  describe: { args: [Person.notNull()], returns: t.String },
  find: { args: [t.long], returns: Person, throws: [NotFound] },
  save: { args: [Person.notNull()], returns: t.String },
  saveAll: { name: 'save', args: [t.List(Person).notNull()], returns: t.String },
});

const ann = {
  id: 9007199254740993n,
  name: 'Ann 安',
  age: 41,
  height: 1.68,
  active: true,
  born: new Date('2017-07-14T02:40:00.123Z'),
  color: 'GREEN' as const,
  tags: ['a', 'b😀'],
  scores: new Map([['go', 9]]),
};

console.log('sofa-mesh-sdk and com.alipay.sofa:sofa-rpc-all 5.13.2\n');
const started = performance.now();
line('Java program', 'being built (Maven; the first time downloads its libraries)');
await build();
const [provider, caller] = await Promise.all([startProvider(), startPeer()]);
line(
  'ready',
  `after ${((performance.now() - started) / 1000).toFixed(1)} s: a Java provider and a Java consumer`,
);

await nodeCallsJava();
await javaCallsNode();

await Promise.all([provider.jvm.stop(), caller.stop()]);
console.log(`\nDone in ${((performance.now() - started) / 1000).toFixed(1)} s. Both JVMs have ended.`);

async function nodeCallsJava(): Promise<void> {
  title(`A Node.js client and the Java provider at bolt://${provider.address}`);
  const mesh = new MeshClient({ app: 'demo', registry: `bolt://${provider.address}` });
  const people = mesh.service(People);

  line('describe(ann)', `${await people.describe(ann)}   <- Java read all ten fields`);
  const found = await people.find(42n);
  line('find(42n)', `${found?.name}, id ${found?.id}n, born ${found?.born?.toISOString()}, ${found?.color}`);
  line('save(person)', `${await people.save(ann)}   <- save(Person)`);
  line('saveAll([..])', `${await people.saveAll([ann, null])}   <- save(List), the same name in Java`);

  const notFound = await people.find(404n).then(unexpected, (error: unknown) => error);
  if (!NotFound.is(notFound)) throw notFound;
  line(
    'find(404n)',
    `${notFound.className}: "${notFound.message}", id ${notFound.id}n, kind ${notFound.kind}`,
  );

  const late = await mesh
    .service(Slow)
    .after(1_000, 'too late', { timeoutMs: 100 })
    .then(unexpected, (error: unknown) => error);
  if (!MeshError.is(late)) throw late;
  line('after(1000 ms)', `${late.code}: ${late.message}`);

  const calls = 5_000;
  const overtake = mesh.service(Slow).overtake;
  const before = performance.now();
  let next = 0;
  let right = 0;
  const worker = async () => {
    while (next < calls) {
      const n = next++;
      if ((await overtake(n)) === n + 1) right++;
    }
  };
  await Promise.all(Array.from({ length: 128 }, worker));
  const ms = Math.round(performance.now() - before);
  line(
    'overtake(n)',
    `${right} of ${calls} answers right, 128 calls at a time on one connection, in ${ms} ms`,
  );
  await mesh.close();
}

async function javaCallsNode(): Promise<void> {
  const server = new MeshServer({ app: 'demo', host: '127.0.0.1', port: 0 });
  server.add(People, {
    describe: ({ name, age, tags }) => `${name}, ${age}, ${tags?.join(' and ')}: as Node.js read it`,
    find(id) {
      if (id === 404n) throw new NotFound({ id, kind: 'person', message: 'no person 404, says Node.js' });
      return { ...ann, id };
    },
    save: ({ name }) => `one person, ${name}`,
    saveAll: (list) => `a list of ${list.length}`,
  });
  const { port } = await server.start();
  title(`The Java consumer and a Node.js server at bolt://127.0.0.1:${port}`);
  const call = (method: string, ...args: unknown[]) =>
    caller.ask({ cmd: 'call', address: `127.0.0.1:${port}`, service: 'com.lab.PeopleService', method, args });

  const inJava = { id: 7, name: 'Zoe', age: 30, height: 1.7, active: true, tags: ['x', 'y'] };
  line('describe(zoe)', told(await call('describe', inJava)));
  line('find(42L)', told(await call('find', 42)));
  line('find(404L)', told(await call('find', 404)));
  line('promote(..)', `${told(await call('promote', inJava, null))}   <- not in the Node.js contract`);
  await server.stop();
}

/** A Java answer in a line: its value, or what Java caught. */
function told({ value, thrown, wrong }: Answer): string {
  if (thrown !== undefined)
    return `Java caught ${thrown.class}: "${thrown.message}" ${fieldsOf(thrown.fields)}`.trimEnd();
  const { c, v, f } = value as { c: string; v?: unknown; f?: Record<string, unknown> };
  return wrong ?? `${c} ${v === undefined ? fieldsOf(f) : JSON.stringify(v)}`;
}

function fieldsOf(fields: Record<string, unknown> = {}): string {
  const shown = Object.entries(fields).flatMap(([name, value]) => {
    const plain = value as { v?: unknown; enum?: unknown } | null;
    const text = plain?.v ?? plain?.enum;
    return text === undefined ? [] : [`${name}=${String(text)}`];
  });
  return shown.length === 0 ? '' : `{${shown.join(', ')}}`;
}

function unexpected(value: unknown): never {
  throw new Error(`expected an error, got ${String(value)}`);
}

function title(text: string): void {
  console.log(`\n${text}`);
}

function line(name: string, text: string): void {
  console.log(`   ${name.padEnd(16)}${text}`);
}
