import { beforeAll, describe, expect, test } from 'vitest';
import { scenarios } from '../../support/sidecar-scenarios.js';
import { World } from '../../support/sidecar-world.js';
import { buildMosn, Mosn } from './mosn.js';

beforeAll(() => buildMosn());

describe('MOSN, in the scenarios that the dev sidecar plays too', () => {
  test.concurrent.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (_name, { settings: { bolt = 'v1', ...settings } = {}, run, seen }) => {
      const world = new World(await Mosn.start({ ...settings, bolt: bolt === 'v1' ? 'bolt' : 'boltv2' }));
      try {
        expect(await run(world)).toEqual(seen);
      } finally {
        await world.close();
      }
    },
  );
});
