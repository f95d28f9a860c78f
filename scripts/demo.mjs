// npm run demo: from a fresh clone to the main job, with Node and npm alone.
// npm run demo:java: the same with a real Java provider and consumer.
import { ensureInstalled, node, requireTools } from './project.mjs';

const java = process.argv.includes('--java');
if (java) requireTools('npm run demo:java', ['java', 'mvn']);
ensureInstalled();
process.exitCode = await node(['--import', 'tsx', java ? 'examples/demo/java.ts' : 'examples/demo/main.ts']);
