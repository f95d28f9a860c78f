import { contractsOf, type FoundContract } from './contracts.js';
import { EggApp } from './egg.js';
import { filesOf, type ReadFile, type SkippedFile } from './files.js';
import type { Finding } from './finding.js';
import { otherJsonFindings } from './json-findings.js';
import { isManifest, Manifests } from './manifests.js';
import { Modules } from './modules.js';
import type { Versions } from './names.js';
import { packageChanges } from './package-changes.js';
import { type FoundRegistry, registriesOf } from './registries.js';
import { SOURCE_RULES } from './rules/index.js';
import { LEFTOVER_RULES } from './rules/leftovers.js';
import type { ServiceUse } from './service-names.js';
import { servicesOf } from './services.js';
import { Source } from './source.js';
import { type Change, sourceChanges } from './source-changes.js';
import type { Edit, Place, TextFile } from './text-file.js';

/** What is to be written into one file. */
export interface FileChange {
  readonly read: ReadFile;
  readonly edits: readonly Edit[];
  readonly changes: readonly Change[];
}

/** What a folder needs. */
export interface Plan {
  /** Whether there is anything of the old packages, or of what stands in for them. */
  readonly isConcerned: boolean;
  readonly files: readonly FileChange[];
  readonly findings: readonly Finding[];
  readonly skipped: readonly SkippedFile[];
  readonly services: readonly ServiceUse[];
  readonly contracts: readonly FoundContract[];
  readonly registries: readonly FoundRegistry[];
}

/** Words without which a file has nothing to do with the old packages, be it through another file of the app. */
const INTERESTING =
  /\bsofa-|Rpc[A-Z]|interfaceName|createConsumer|addService|defineService|uncaughtException|DynamicConfig|faultTolerance|ZookeeperRegistry|_addressGroup/;

/**
 * Reads an app and says what there is to do. Nothing is written.
 * @param root The app's folder.
 */
export async function planOf(root: string, versions: Versions): Promise<Plan> {
  const { files, skipped } = await filesOf(root);
  const manifests = new Manifests(files, versions);
  const code = files.filter(({ kind }) => kind === 'code').map(({ file }) => file);
  const modules = new Modules<Source>(code, (file, all) => {
    const { path } = file;
    return new Source(file, manifests.aliasesFor(path), manifests.subpathsFor(path), all);
  });
  const sources = code.filter((file) => isInteresting(file, manifests)).map((file) => modules.source(file));
  const egg = new EggApp(sources);

  const isConcerned =
    egg.plugins.length > 0 ||
    sources.some(({ usesOld }) => usesOld) ||
    manifests.all.some(({ isConcerned }) => isConcerned);
  const rules = isConcerned ? SOURCE_RULES : LEFTOVER_RULES;
  const inSources = sources.flatMap((source) => rules.flatMap((rule) => [...rule(source)]));
  const packages = await packageChanges(root, { manifests, sources, egg, findings: inSources });

  const changed = new Map<string, { edit: Edit[]; change: Change[] }>();
  const changes = [...sources.flatMap((source) => [...sourceChanges(source)]), ...packages.changes];
  for (const { edits, change } of changes) {
    const known = changed.get(change.file) ?? { edit: [], change: [] };
    changed.set(change.file, known);
    known.edit.push(...edits);
    known.change.push(change);
  }
  const findings = [
    ...manifests.findings,
    ...inSources,
    ...packages.findings,
    ...files.flatMap(({ kind, file }) =>
      kind === 'json' && !isManifest(file.path) ? [...otherJsonFindings(file)] : [],
    ),
    ...skipped.flatMap(({ file, why, isLeft }): Finding[] =>
      isLeft ? [{ file, line: 1, column: 1, topic: 'file', message: why }] : [],
    ),
  ];
  return {
    isConcerned,
    files: files.flatMap((read) => {
      const of = changed.get(read.file.path);
      return of === undefined ? [] : [{ read, edits: of.edit, changes: of.change.sort(byPlace) }];
    }),
    findings: findings.sort(byPlace),
    skipped: skipped.filter(({ isLeft }) => !isLeft),
    services: isConcerned ? servicesOf(sources, egg) : [],
    contracts: sources.flatMap((source) => [...contractsOf(source)]),
    registries: isConcerned ? sources.flatMap((source) => [...registriesOf(source, egg)]) : [],
  };
}

function isInteresting({ path, text }: TextFile, manifests: Manifests): boolean {
  if (INTERESTING.test(text) || EggApp.mayBeOf(path)) return true;
  const names = [...manifests.aliasesFor(path).keys(), ...manifests.subpathsFor(path).keys()];
  return names.some((name) => text.includes(name));
}

function byPlace(a: Place, b: Place): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
