/** The story of npm run demo with real MOSN as the sidecar and a Java provider behind it. Run: npm run demo:mosn */
import { inspect } from 'node:util';
import { defineService, MeshClient, t } from 'sofa-mesh-sdk';
import { build, startProvider } from '../../test/interop/java/harness.js';
import { buildMosn, Mosn } from '../../test/interop/mosn/mosn.js';
import { line } from './print.js';
import { story } from './story.js';
import type { Calls } from './traffic.js';

/** com.lab.SlowService, as far as this demo needs it. */
const Slow = defineService('com.lab.SlowService', {
  /** Answers after so many milliseconds. */
  after: { args: [t.int, t.String], returns: t.String, idempotent: true },
  /** Answers n + 1. */
  overtake: { args: [t.int], returns: t.int },
});

console.log('sofa-mesh-sdk, MOSN v1.3.0 and com.alipay.sofa:sofa-rpc-all 5.13.2\n');
const started = performance.now();
line(
  'building',
  'the sidecar agent (Go) and the Java program (Maven); the first time downloads what they need',
);
await Promise.all([buildMosn(), build()]);
const provider = await startProvider();
// It has its ports from now on, and is gone again: the story begins without one.
const mosn = await Mosn.start({ providers: { [Slow.id]: [provider.address] } });
await mosn.kill();
await warmUp();
line('ready', `after ${seconds()} s: a Java provider, and MOSN to be started`);

try {
  await story({
    sidecar: mosn,
    sidecarIs: 'MOSN with the mesh API: the reference agent, a process of its own',
    provider: provider.address,
    callsOf,
  });
  console.log(`\nDone in ${seconds()} s. MOSN and the JVM have ended.`);
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : inspect(error)}`);
  process.exitCode = 1;
} finally {
  await provider.jvm.stop();
}

/** A JVM that has just started loads its classes first, and answers BUSY to most of 400 calls a second. */
async function warmUp(): Promise<void> {
  const mesh = new MeshClient({ app: 'demo', mode: 'direct', registry: `bolt://${provider.address}` });
  const { read, write } = callsOf(mesh);
  for (let call = 0; call < 100; call++) await Promise.all([read(call), write(call)]);
  await mesh.close();
}

function callsOf(mesh: MeshClient): Calls {
  const slow = mesh.service(Slow);
  return {
    read: async (number) => {
      const { value, reply } = await slow.after.withReply(5, `read ${number}`);
      if (value !== `read ${number} after 5`) throw new Error(`after(5, 'read ${number}') got ${value}`);
      return reply.path;
    },
    write: async (number) => {
      const { value, reply } = await slow.overtake.withReply(number);
      if (value !== number + 1) throw new Error(`overtake(${number}) got ${value}`);
      return reply.path;
    },
  };
}

function seconds(): string {
  return ((performance.now() - started) / 1_000).toFixed(1);
}
