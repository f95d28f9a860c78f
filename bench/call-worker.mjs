// One side of one peer in a process of its own: `call-worker.mjs server|client <peer>`.
import { block, newHistogram } from './lib/load.mjs';
import { startProfile } from './lib/profile.mjs';
import { serveCommands } from './lib/serve-commands.mjs';
import { peers } from './peers/index.mjs';

const [side, name] = process.argv.slice(2);
const peer = name in peers ? await peers[name].load() : await ownPeer();
const histograms = new Map();
let connected;
let profile;

const commands = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return { cpuMicros: user + system };
  },
  profile: async ({ file }) => {
    if (profile) await profile.stop(file);
    profile = profile ? undefined : await startProfile();
  },
};

/** One of our own, held against another of our own. */
async function ownPeer() {
  const { directPeers } = await import('./peers/direct.mjs');
  if (name in directPeers) return directPeers[name].peer;
  return (await import('./peers/mesh.mjs')).meshPeers[name].peer;
}

serveCommands(
  side === 'server'
    ? { ...commands, start: () => peer.serve() }
    : {
        ...commands,
        start: async ({ port, kind }) => {
          connected = await peer.connect(port, kind);
        },
        warm: (options) => block(connected, newHistogram(), options).then(() => null),
        run: async (options) => {
          const { concurrency } = options;
          if (!histograms.has(concurrency)) histograms.set(concurrency, newHistogram());
          const histogram = histograms.get(concurrency);
          const result = await block(connected, histogram, options);
          // Over all rounds so far.
          const at = (percent) => histogram.getValueAtPercentile(percent) / 1000;
          return { ...result, p50Ms: at(50), p99Ms: at(99) };
        },
      },
);
