// One table for every sidecar: what is done to it, and what it answers. A test file runs it against the dev sidecar, another
// against MOSN; where they differ, MOSN is right.
import { deliveryScenarios } from './sidecar-delivery-scenarios.js';
import { lifeScenarios } from './sidecar-life-scenarios.js';
import { meshApiScenarios } from './sidecar-mesh-api-scenarios.js';
import { refusalScenarios } from './sidecar-refusal-scenarios.js';
import type { SidecarSettings, World } from './sidecar-world.js';

export interface Scenario {
  readonly name: string;
  readonly settings?: SidecarSettings;
  /** What is done, and what of it was seen. */
  readonly run: (world: World) => Promise<unknown>;
  readonly seen: unknown;
}

export const scenarios: readonly Scenario[] = [
  ...meshApiScenarios,
  ...deliveryScenarios,
  ...refusalScenarios,
  ...lifeScenarios,
];
