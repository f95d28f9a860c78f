// Four ways and one suite: directly, through the caller's sidecar, through the provider's and through both, the interop cases
// of the call pass alike. Real MOSN, real Java (sofa-rpc-all 5.13.2), real ZooKeeper.
import type { MeshClient } from 'sofa-mesh-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT_CASES, JAVA_CASES } from '../java/cases/client-cases.js';
import { JUDGED_CASES, OK, UNREADABLE } from '../java/cases/judged-cases.js';
import { type Cases, servicesOf } from '../java/cases/support.js';
import { People } from '../java/contracts.js';
import { type Jvm, startApplication } from '../java/harness.js';
import { ROWS } from '../java/values.js';
import { ZooKeeper } from '../zookeeper/zookeeper.js';
import { JAVA_WAY_CASES, WAY_CASES } from './hop-cases.js';
import { javaBytes, javaRequests, nodeBytes, nodeRequests } from './hop-frames.js';
import { type BoltVersion, HOPS, Hop, type HopName } from './hops.js';
import { buildMosn } from './mosn.js';

let zookeeper: ZooKeeper;
let java: Jvm;

beforeAll(async () => {
  [zookeeper, java] = await Promise.all([ZooKeeper.start(), startApplication(), buildMosn()]);
});

afterAll(async () => {
  await java?.stop();
  await zookeeper?.stop();
});

const WAYS = (Object.keys(HOPS) as HopName[]).flatMap((name) =>
  (['v1', 'v2'] as const).map((bolt) => [name, bolt] as const),
);

describe.each(WAYS)('%s, Bolt %s', (name, bolt) => {
  describe('Node.js to Node.js', () => {
    cases({ name, bolt }, (hop) => hop.provideByNode(), [CLIENT_CASES, { 'on the way': WAY_CASES }]);
  });

  describe('Node.js to Java', () => {
    const all = [CLIENT_CASES, JAVA_CASES, { 'on the way': WAY_CASES }];
    cases({ name, bolt }, (hop) => hop.provideByJava(java), all);
  });

  describe('Java to Node.js', () => {
    let hop: Hop;

    beforeAll(async () => {
      hop = await Hop.start(name, bolt, zookeeper.address);
      await hop.provideByNode();
    });

    afterAll(async () => {
      if (hop === undefined) return;
      await java.value({ cmd: 'forget', address: hop.javaAddress });
      await hop.close();
    });

    for (const [type, { about, kinds }] of Object.entries(ROWS)) {
      it(about, async () => {
        const command = { address: hop.javaAddress, type };
        expect(await java.value({ cmd: 'check', ...command })).toEqual(Object.keys(kinds));
        if (!UNREADABLE.has(type))
          expect(await java.value({ cmd: 'make', ...command })).toEqual(Object.keys(kinds));
      });
    }

    for (const [name, title] of Object.entries(JUDGED_CASES)) {
      it(title, async () => {
        expect(await java.value({ cmd: 'case', name, address: hop.javaAddress })).toEqual(OK);
      });
    }

    for (const [title, run] of Object.entries(JAVA_WAY_CASES))
      it(title, () => run(java, (call) => ({ cmd: 'call', address: hop.javaAddress, ...call })));
  });
});

describe.each(['v1', 'v2'] as const)('what comes to the provider, Bolt %s', (bolt) => {
  const proto = bolt === 'v1' ? 1 : 2;

  /** What `requests` finds on each way. */
  async function onEachWay<T>(requests: (hop: Hop) => Promise<T>): Promise<Record<HopName, T>> {
    const found: Partial<Record<HopName, T>> = {};
    for (const name of Object.keys(HOPS) as HopName[]) {
      const hop = await Hop.start(name, bolt, zookeeper.address);
      try {
        found[name] = await requests(hop);
      } finally {
        await hop.close();
      }
    }
    return found as Record<HopName, T>;
  }

  it('from Node.js: the same bytes on every way, but for the request id and the time that is left', async () => {
    const { direct, ...others } = await onEachWay(nodeRequests);
    for (const [method, expected] of Object.entries(direct)) {
      expect(expected.proto).toBe(proto);
      for (const [name, requests] of Object.entries(others))
        expect(nodeBytes(requests[method]).equals(nodeBytes(expected)), `${method}, ${name}`).toBe(true);
    }
  });

  it("from Java: the same bytes whether the provider has a sidecar or not, but for the request id and the trace's", async () => {
    // Java's own choice differs: to an address of a registry that names its version it writes one trace header, not five.
    const ways = await onEachWay((hop) => javaRequests(hop, java));
    for (const [without, with_] of [
      [ways.direct, ways['server sidecar']],
      [ways['client sidecar'], ways['both sidecars']],
    ])
      for (const [method, expected] of Object.entries(without)) {
        expect(expected.proto).toBe(proto);
        expect(javaBytes(with_[method]).equals(javaBytes(expected)), method).toBe(true);
      }
  });
});

/** The cases of a Node.js client on one way, each a test. */
function cases(
  way: { name: HopName; bolt: BoltVersion },
  provide: (hop: Hop) => Promise<unknown>,
  tables: readonly Readonly<Record<string, Cases>>[],
): void {
  let hop: Hop;
  let client: MeshClient;

  beforeAll(async () => {
    hop = await Hop.start(way.name, way.bolt, zookeeper.address);
    await provide(hop);
    client = hop.client();
  });

  afterAll(() => hop?.close());

  it('goes this way', async () => {
    const { reply } = await client.service(People).ping.withReply();
    expect([reply.path, reply.endpoint?.address]).toEqual([hop.path, hop.next]);
  });

  for (const [subject, table] of tables.flatMap((subjects) => Object.entries(subjects))) {
    describe(subject, () => {
      for (const [title, run] of Object.entries(table)) it(title, () => run(servicesOf(client)));
    });
  }
}
