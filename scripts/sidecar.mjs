// npm run sidecar [-- <flags>]: the reference sidecar agent, real MOSN with the mesh API. docs/sidecar-agent.md has its
// flags; `npm run sidecar -- -help` lists them.
import { spawn } from 'node:child_process';
import { fail, requireTools } from './project.mjs';
import { buildSidecar } from './sidecar-build.mjs';

requireTools('npm run sidecar', ['go']);
const program = await buildSidecar(console.error).catch((error) =>
  fail(`The sidecar was not built. Go says:\n${error.stderr?.trim() || error.message}`),
);
const sidecar = spawn(program, process.argv.slice(2), { stdio: 'inherit' });
process.on('SIGTERM', () => sidecar.kill('SIGTERM'));
// The terminal gives Ctrl-C to the sidecar, too. A second one would cut what still runs in it.
process.on('SIGINT', () => {});
sidecar.once('error', (error) => fail(`The sidecar was not started: ${error.message}`));
sidecar.once('close', (code) => {
  process.exitCode = code ?? 1;
});
