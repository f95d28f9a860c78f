import type { Finding } from './finding.js';
import type { FileChange, Plan } from './plan.js';
import type { Condition, ServiceState } from './readiness.js';
import type { Place } from './text-file.js';

/** What a run did and found. */
export interface Report {
  readonly directory: string;
  readonly written: boolean;
  readonly plan: Plan;
  /** What is left for a person, of the plan and of the writing. */
  readonly findings: readonly Finding[];
  readonly services: readonly ServiceState[];
  readonly exitCode: number;
}

/** The report as one object, for machines. */
export function reportJson({ directory, written, plan, findings, services, exitCode }: Report): object {
  return {
    directory,
    written,
    changes: plan.files.flatMap(({ changes }) => changes),
    needsPerson: findings,
    services,
    skipped: plan.skipped.map(({ file, why }) => ({ file, why })),
    exitCode,
  };
}

/** The report for people. */
export function* reportLines({ directory, written, plan, findings, services }: Report): Iterable<string> {
  if (!plan.isConcerned && findings.length === 0) {
    yield `${directory}: nothing there uses sofa-rpc-node or sofa-bolt-node`;
    return;
  }
  yield* changeLines(plan.files, written);
  for (const { file, why } of plan.skipped) yield `Not touched: ${file}, ${why}`;
  yield* findingLines(findings);
  yield* serviceLines(services);
}

function* changeLines(files: readonly FileChange[], written: boolean): Iterable<string> {
  if (files.length === 0) {
    yield 'Nothing to change.';
    return;
  }
  const count = counted(files.length, 'file');
  yield written
    ? `Changed ${count}; now run npm install and the tests:`
    : `To change in ${count}, with --write:`;
  for (const change of files.flatMap(({ changes }) => changes)) {
    const { from, to } = change;
    const what = from === '' ? `adds ${to}` : to === 'removed' ? `removes ${from}` : `${from} -> ${to}`;
    yield `  ${shown(change)}  ${what}`;
  }
}

function* findingLines(findings: readonly Finding[]): Iterable<string> {
  yield '';
  if (findings.length === 0) {
    yield 'Nothing needs a person.';
    return;
  }
  yield `${counted(findings.length, 'place')} ${findings.length === 1 ? 'needs' : 'need'} a person:`;
  for (const finding of findings) {
    yield `  ${shown(finding)}  ${finding.topic}: ${finding.message}`;
    for (const line of finding.lines ?? []) yield `      ${line}`;
  }
}

function* serviceLines(services: readonly ServiceState[]): Iterable<string> {
  if (services.length === 0) return;
  yield '';
  yield 'Services, and whether they are ready for the mesh:';
  for (const { service, consumedAt, servedAt, contract, idempotent, registry, isReady } of services) {
    const places = [
      ...consumedAt.map((at) => `called in ${shown(at)}`),
      ...servedAt.map((at) => `served in ${shown(at)}`),
    ];
    yield `  ${service ?? '(unresolved)'}  ${isReady ? 'ready' : 'not ready'}`;
    yield `    ${places.join(', ')}`;
    if (service === undefined) yield `    ${contract.text}`;
    else {
      yield conditionLine('contract', contract);
      yield conditionLine('idempotent', idempotent);
      yield conditionLine('registry', registry);
    }
  }
}

function conditionLine(name: string, { isMet, text }: Condition): string {
  const word = isMet === undefined ? '?' : isMet ? 'yes' : 'no';
  return `    ${name.padEnd(10)} ${word.padEnd(3)}  ${text}`;
}

function shown({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
