import type { Clock } from '../core/clock.js';
import type { Random } from '../core/random.js';
import type { MigrationEmitter } from './migration-events.js';
import type { MigrationPolicy } from './migration-policy.js';
import { type MigrationStatus, withTable } from './migration-status.js';
import type { Mode } from './mode.js';
import { ServiceMigration } from './service-migration.js';
import type { Sidecar } from './sidecar.js';

export interface MigrationsEnv {
  readonly sidecar: Sidecar;
  readonly policy: MigrationPolicy;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly turnClock: { now(): number };
  readonly random: Random;
  readonly events: MigrationEmitter;
}

/** The services of one client, on their way between direct connections and the sidecar. */
export class Migrations {
  private readonly services = new Map<string, ServiceMigration>();
  private readonly forget: (() => void)[];
  /** What the sidecar was good for when that was told last; undefined while it has never been there for all calls. */
  private wasWell: boolean | undefined;

  constructor(private readonly env: MigrationsEnv) {
    // A session that is shared may have found it long ago.
    if (env.sidecar.share === 1) this.wasWell = true;
    this.forget = [
      env.policy.onChange((told) => {
        for (const service of this.services.values()) service.policyChanged(told);
      }),
      env.sidecar.onChange(() => this.onSidecar()),
    ];
  }

  get mode(): Mode {
    return this.env.policy.mode ?? this.env.mode;
  }

  /** The migration of a service; the same for all that call it. `hasDirect`: a registry is named for it. */
  of(service: string, hasDirect: boolean): ServiceMigration {
    const key = hasDirect ? service : `${service} `;
    let known = this.services.get(key);
    if (known === undefined) {
      known = new ServiceMigration({ ...this.env, service, hasDirect });
      this.services.set(key, known);
    }
    return known;
  }

  private onSidecar(): void {
    const { sidecar, events } = this.env;
    const { share, state, healthReason } = sidecar;
    const isWell = share === 1;
    // The steps of a ramp are no news, and what was never there has not been lost.
    if (isWell || (share === 0 && this.wasWell && state !== 'absent')) {
      if (this.wasWell === false && isWell) events.recovered(undefined, healthReason);
      if (this.wasWell && !isWell) events.degraded(undefined, healthReason);
      this.wasWell = isWell;
    }
    for (const service of this.services.values()) service.update();
  }

  status(): MigrationStatus {
    const { sidecar, policy } = this.env;
    return withTable({
      mode: this.mode,
      policy: policy.source,
      sidecar: sidecar.status(),
      services: [...this.services.values()].map((service) => service.status()),
    });
  }

  close(): void {
    for (const forget of this.forget) forget();
    for (const service of this.services.values()) service.close();
  }
}
