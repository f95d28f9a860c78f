import { describe, expect, test } from 'vitest';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { scenarios } from '../support/sidecar-scenarios.js';
import { World } from '../support/sidecar-world.js';

describe('the dev sidecar, in the scenarios that MOSN plays too', () => {
  test.concurrent.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (_name, { settings, run, seen }) => {
      const world = new World(await DevSidecar.start(settings));
      try {
        expect(await run(world)).toEqual(seen);
      } finally {
        await world.close();
      }
    },
  );
});
