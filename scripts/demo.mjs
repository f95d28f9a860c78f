// npm run demo: from a fresh clone to the main job, with Node and npm alone.
// demo:java: typed calls with a real Java provider and consumer; demo:zookeeper: both in a real ZooKeeper; demo:mosn: real
// MOSN as the sidecar of the story, and a Java provider.
import { ensureInstalled, node, requireTools } from './project.mjs';

const [which] = process.argv.slice(2);
/** What each runs, and what it needs beside Node.
 * @type {Record<string, { file: string, tools: string[] }>} */
const demos = {
  '--java': { file: 'examples/demo/java.ts', tools: ['java', 'mvn'] },
  '--zookeeper': { file: 'examples/zookeeper/main.ts', tools: ['java', 'mvn'] },
  '--mosn': { file: 'examples/demo/mosn.ts', tools: ['java', 'mvn', 'go'] },
};
const { file, tools } = demos[which] ?? { file: 'examples/demo/main.ts', tools: [] };
if (tools.length > 0) requireTools(`npm run demo:${which.slice(2)}`, tools);
ensureInstalled();
process.exitCode = await node(['--import', 'tsx', file]);
