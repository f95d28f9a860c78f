// A CPU profile of exactly the measured calls (what --cpu-prof writes, without the start of the process).
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

/** Starts to sample this process; `stop(file)` writes a .cpuprofile. */
export async function startProfile() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  return {
    async stop(file) {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      writeFileSync(file, JSON.stringify(profile));
    },
  };
}

/** The functions with the largest own time: [{ part, name, place }]; `part` is a share of the busy time. */
export function hottest(profile, count = 30) {
  const own = new Map();
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  profile.samples.forEach((id, i) => {
    if (byId.get(id).callFrame.functionName === '(idle)') return;
    const { functionName, url, lineNumber } = byId.get(id).callFrame;
    const place = url ? `${url.replace(/^.*\/(?=[^/]+\/[^/]+$)/, '')}:${lineNumber + 1}` : '';
    const key = `${functionName || '(anonymous)'}\t${place}`;
    own.set(key, (own.get(key) ?? 0) + profile.timeDeltas[i]);
  });
  const all = [...own.values()].reduce((a, b) => a + b, 0);
  return [...own]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([key, time]) => ({ part: time / all, name: key.split('\t')[0], place: key.split('\t')[1] }));
}
