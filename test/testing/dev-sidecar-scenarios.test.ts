import { describe, expect, test } from 'vitest';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { scenarios } from '../support/sidecar-scenarios.js';
import { World } from '../support/sidecar-world.js';

/**
 * Ports of its own for each scenario: several run at once, and one that sees that a stopped sidecar refuses connections must
 * not meet the next one's sidecar, which was given the port that has just become free.
 */
const portsOf = (index: number) => () => (index + Math.random()) / scenarios.length;

describe('the dev sidecar, in the scenarios that MOSN plays too', () => {
  test.concurrent.each(scenarios.map((scenario, index) => [scenario.name, scenario, index] as const))(
    '%s',
    async (_name, { settings, run, seen }, index) => {
      const world = new World(await DevSidecar.start({ ...settings, random: portsOf(index) }));
      try {
        expect(await run(world)).toEqual(seen);
      } finally {
        await world.close();
      }
    },
  );
});
