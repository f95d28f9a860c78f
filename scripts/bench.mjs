// npm run bench [-- --quick] [--json]: the peers it measures are dependencies of bench/ alone.
import { at, ensureInstalled, node } from './project.mjs';

ensureInstalled();
ensureInstalled(at('bench'));
const built = await node(['node_modules/tsup/dist/cli-default.js', '--no-dts', '--no-clean', '--silent']);
process.exitCode = built || (await node(['bench/main.mjs', ...process.argv.slice(2)]));
