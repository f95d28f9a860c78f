// What the library set out to reach, in CPU a call, client and server together, and what was measured.
import { codecPayloads } from './codec-payloads.mjs';
import { directOverhead } from './direct.mjs';
import { meshOverhead } from './mesh.mjs';
import { SELF } from './self.mjs';

const call = (name, concurrency, goal) => ({
  text: `${name} >= ${goal}x ours: POJO, ${concurrency} at once`,
  goal,
  measure: ({ cases }) => find(cases, { name, concurrency, payload: 'pojo' })?.ratioToSelf,
});

/** The same application on the predecessor and on the stand-in for it. */
const dropIn = (concurrency, goal) => ({
  text: `sofa-rpc-node >= ${goal}x compat: POJO, ${concurrency} at once`,
  goal,
  measure: ({ cases }) => {
    const [old, ours] = ['sofa-rpc-node', 'compat'].map((name) =>
      find(cases, { name, concurrency, payload: 'pojo' }),
    );
    return old && ours ? old.cpuMicros / ours.cpuMicros : undefined;
  },
});

const codec = (name, payload, operation, goal) => ({
  text: `${name} >= ${goal}x ours: ${operation} ${codecPayloads[payload].title}`,
  goal,
  measure: (report) => find(report.codec, { name, payload, operation })?.ratioToSelf,
});

/** At most so much. */
const memory = (text, key, limit) => ({
  text: `${text} <= ${limit} bytes`,
  limit,
  measure: (report) => report.memory?.[key],
});

/** Against the better of the two raw echoes. */
const megabyte = (measure) => (report) => {
  const of = (name) => find(report.cases, { name, payload: '1MB' });
  const [self, ...raws] = [SELF, 'raw-coalesced', 'raw-one-write'].map(of);
  return self && raws.every(Boolean) ? Math.min(...raws.map((raw) => measure(self, raw))) : undefined;
};

const targets = [
  call('sofa-rpc-node', 1, 2),
  call('sofa-rpc-node', 16, 8),
  call('sofa-rpc-node', 128, 12),
  call('grpc-js', 1, 3.5),
  call('grpc-js', 16, 12),
  call('grpc-js', 128, 25),
  call('raw-one-write', 128, 1),
  call('java', 128, 5),
  dropIn(16, 5),
  dropIn(128, 5),
  {
    text: '1 MB echo >= 0.7 of raw, by CPU a call',
    goal: 0.7,
    measure: megabyte((self, raw) => raw.cpuMicros / self.cpuMicros),
  },
  {
    text: '1 MB echo >= 0.7 of raw, by calls a second',
    goal: 0.7,
    measure: megabyte((self, raw) => self.callsPerSecond / raw.callsPerSecond),
  },
  codec('sofa-hessian-node', 'pojo', 'encode', 6),
  codec('sofa-hessian-node', 'pojo', 'decode', 2.5),
  codec('sofa-hessian-node', 'list', 'encode', 4),
  codec('sofa-hessian-node', 'list', 'decode', 3),
  codec('sofa-hessian-node', 'ascii', 'encode', 15),
  codec('sofa-hessian-node', 'ascii', 'decode', 40),
  codec('sofa-hessian-node', 'cjk', 'encode', 1),
  codec('sofa-hessian-node', 'cjk', 'decode', 1),
  codec('sofa-hessian-node', 'bytes', 'encode', 1),
  codec('sofa-hessian-node', 'bytes', 'decode', 1),
  codec('JSON', 'pojo', 'encode', 1),
  codec('JSON', 'pojo', 'decode', 1),
  codec('JSON', 'list', 'encode', 1),
  codec('JSON', 'list', 'decode', 1),
  {
    text: 'direct stack (P2C, retry, breaker, ejection, deadline) <= 0.15 of a bare client more: 100 endpoints, 128 at once',
    limit: 0.15,
    measure: ({ direct }) => directOverhead(direct, 100),
  },
  {
    text: 'a direct call with the policy on <= 0.03 more than without: POJO, 128 at once',
    limit: 0.03,
    measure: ({ mesh }) => meshOverhead(mesh, 'policy-on'),
  },
  memory('an idle connection, client and server', 'idleConnectionBytes', 10 * 1024),
  memory('heap of a call in flight, client', 'callInFlightClientBytes', 1024),
  memory('heap of a call in flight, server', 'callInFlightServerBytes', 1024),
];

/** [{ text, measured, reached }]; both null where it was not measured in this run. */
export function judge(report) {
  return targets.map(({ text, goal, limit, measure }) => {
    const measured = measure(report) ?? null;
    const reached = measured === null ? null : goal === undefined ? measured <= limit : measured >= goal;
    return { text, measured, reached };
  });
}

const find = (list, wanted) =>
  list?.find((one) => Object.entries(wanted).every(([key, value]) => one[key] === value));
