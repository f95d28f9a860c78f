import type { EggApp } from './egg.js';
import type { Finding, Topic } from './finding.js';
import type { Manifest } from './manifest.js';
import type { Manifests } from './manifests.js';
import { NEW_PACKAGE, type Versions, ZOOKEEPER_PACKAGE } from './names.js';
import { registriesOf } from './registries.js';
import { type Requirer, requirersOf } from './requirers.js';
import type { Source } from './source.js';
import { type Change, type SourceChange, sourceChanges } from './source-changes.js';
import { standInLines } from './stand-ins.js';

/** What leaves an old name in the code, so that the old package has to stay. */
const LEAVES_NAMES = new Set<Topic>(['deep-import', 'computed-import', 'name', 'alias']);

export interface PackageInput {
  readonly manifests: Manifests;
  readonly sources: readonly Source[];
  readonly egg: EggApp;
  /** What was found in the sources. */
  readonly findings: readonly Finding[];
}

/** What becomes of the package.json files: it follows from what the code below each of them loads, now and afterwards. */
export async function packageChanges(
  root: string,
  input: PackageInput,
): Promise<{ changes: SourceChange[]; findings: Finding[] }> {
  const { manifests, sources, egg } = input;
  const changes: SourceChange[] = [];
  const findings: Finding[] = [];
  const keeping = new Set<Manifest>();
  for (const { topic, file } of input.findings) {
    const holder = LEAVES_NAMES.has(topic) ? manifests.above(file, ({ hasOld }) => hasOld) : undefined;
    if (holder !== undefined) keeping.add(holder);
  }
  const needing = new Map<Manifest, Set<keyof Versions>>();
  for (const source of sources) {
    const [first] = sourceChanges(source);
    if (first === undefined && !source.usesOld) continue;
    const holder =
      manifests.above(source.path, ({ hasOld, hasNew }) => hasOld || hasNew) ?? manifests.above(source.path);
    if (holder !== undefined) {
      const needs = needing.get(holder) ?? new Set([NEW_PACKAGE]);
      needing.set(holder, needs);
      for (const _ of registriesOf(source, egg)) needs.add(ZOOKEEPER_PACKAGE);
    } else if (first !== undefined && manifests.all.length === 0) {
      const message = `no package.json here to bring ${NEW_PACKAGE} in: add it where this code is installed`;
      findings.push({ ...first.change, topic: 'dependency', message });
    }
  }
  for (const manifest of manifests.all) {
    const requirers = manifest.hasStandIns ? [] : await requirersOf(root, manifest);
    const finding = requiredBy(manifest, requirers, egg);
    if (finding !== undefined) findings.push(finding);
    const keepsOld = keeping.has(manifest) || requirers.some(({ isPeer }) => isPeer);
    const needs = needing.get(manifest) ?? new Set<keyof Versions>();
    if (manifest.hasStandIns || (manifest.hasOld && !keepsOld)) needs.add(NEW_PACKAGE);
    for (const { at, from, to, edits } of manifest.changes(keepsOld, needs))
      changes.push({ edits, change: { ...manifest.json.place(at), from, to } satisfies Change });
    findings.push(...manifest.findings(keepsOld, needs));
  }
  return { changes, findings };
}

/** Packages that require the old names themselves: their code is not the app's to change. */
function requiredBy(manifest: Manifest, requirers: readonly Requirer[], egg: EggApp): Finding | undefined {
  const plugins = egg.plugins.filter(({ place }) => {
    const { folder } = manifest;
    return !manifest.hasStandIns && (folder === '.' || place.file.startsWith(`${folder}/`));
  });
  const names = [
    ...new Set([...plugins.map(({ name }) => name), ...requirers.map(({ name }) => name)]),
  ].sort();
  const [first] = names;
  if (first === undefined) return undefined;
  const place = plugins[0]?.place ?? manifest.placeOf(names);
  const verb =
    names.length === 1 ? 'requires the old packages itself' : 'require the old packages themselves';
  const message = `${names.join(' and ')} ${verb}: lead the old names to compat there too, then run npm install`;
  return {
    ...place,
    topic: plugins.length > 0 || first.startsWith('egg-') ? 'egg-plugin' : 'dependency',
    message,
    lines: standInLines(manifest.versions[NEW_PACKAGE]),
  };
}
