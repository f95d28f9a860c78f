// npm run demo: from a fresh clone to the main job, with Node and npm alone.
// npm run demo:java: the same with a real Java provider and consumer; demo:zookeeper: with both in a real ZooKeeper.
import { ensureInstalled, node, requireTools } from './project.mjs';

const [which] = process.argv.slice(2);
const examples = new Map([
  ['--java', 'examples/demo/java.ts'],
  ['--zookeeper', 'examples/zookeeper/main.ts'],
]);
if (which !== undefined) requireTools(`npm run demo:${which.slice(2)}`, ['java', 'mvn']);
ensureInstalled();
process.exitCode = await node(['--import', 'tsx', examples.get(which) ?? 'examples/demo/main.ts']);
