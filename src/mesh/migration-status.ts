import type { ComparisonStats } from '../comparison/comparison.js';
import type { GuardSnapshot } from './guard.js';
import type { Mode } from './mode.js';
import type { SidecarStatus } from './sidecar-status.js';

/** Calls by the way they took; `fallback` are those that went the other way than the one chosen first. */
export interface PathCounts {
  mesh: number;
  direct: number;
  fallback: number;
}

/** How the calls of one service go. */
export interface ServiceStatus {
  /** `interface:version[:uniqueId]` */
  readonly service: string;
  /** Where its calls go right now. */
  readonly path: 'mesh' | 'direct' | 'both';
  /** Percent that the policy sends through the sidecar. */
  readonly asked: number;
  /** Percent that do go there: less while there is no sidecar, or while it comes back. */
  readonly share: number;
  /** Why, in words. */
  readonly reason: string;
  readonly fallback: 'direct' | 'none';
  /** Since the client was made. */
  readonly calls: Readonly<PathCounts>;
  /** Of these, the ones whose caller got an error. */
  readonly failed: Readonly<PathCounts>;
  /** Why its guard took it off the sidecar; undefined where it did not. */
  readonly rolledBack: string | undefined;
  /** What its guard sees; undefined where the policy has none. */
  readonly guard: GuardSnapshot | undefined;
  /** What was compared; undefined where the policy asks for none. */
  readonly comparison: ComparisonStats | undefined;
}

/** How a client's calls go: plain data, and a table as text. */
export interface MigrationStatus {
  /** The policy's, else the client's. */
  readonly mode: Mode;
  /** Who said the policy that is in force: `the defaults`, `code`, `the file ..`. */
  readonly policy: string;
  readonly sidecar: SidecarStatus;
  /** Those that were called. */
  readonly services: readonly ServiceStatus[];
  /** The same as a table, for a log or a terminal. */
  toString(): string;
}

/** Makes the status print itself as a table. */
export function withTable(status: Omit<MigrationStatus, 'toString'>): MigrationStatus {
  return Object.defineProperty({ ...status }, 'toString', {
    value: () => tableOf(status),
  }) as MigrationStatus;
}

function tableOf({ mode, policy, sidecar, services }: Omit<MigrationStatus, 'toString'>): string {
  const lines = [
    `mode ${mode}, policy: ${policy}`,
    `sidecar ${sidecar.state}, api ${sidecar.api}, egress ${sidecar.egress}`,
    ...sidecar.reasons.map((reason) => `  ${reason}`),
  ];
  if (services.length === 0) return lines.join('\n');
  const head = ['service', 'path', 'asked', 'mesh', 'calls mesh/direct/fallback', 'failed', 'why'];
  const rows = services.map((one) => [
    one.service,
    one.path,
    `${one.asked} %`,
    `${one.share} %`,
    countsOf(one.calls),
    countsOf(one.failed),
    [one.reason, ...notesOf(one)].join('; '),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd();
  return [...lines, '', line(head), ...rows.map(line)].join('\n');
}

function countsOf({ mesh, direct, fallback }: PathCounts): string {
  return `${mesh}/${direct}/${fallback}`;
}

function notesOf({ comparison }: ServiceStatus): string[] {
  if (comparison === undefined) return [];
  const { compared, different, unanswered } = comparison;
  return [`compared ${compared}, different ${different}, unanswered ${unanswered}`];
}
