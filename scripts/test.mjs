// npm test [-- <vitest arguments>]: installs what is missing, then runs the tests that need Node alone.
import { ensureInstalled, node } from './project.mjs';

ensureInstalled();
process.exitCode = await node(['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]);
