import { dirname } from 'node:path/posix';
import type { Finding } from './finding.js';
import { JsonFile, oldNamesIn } from './json-file.js';
import {
  EGG_PLUGINS,
  NEW_PACKAGE,
  OLD_PACKAGES,
  type OldPackage,
  standInOf,
  stoodInFor,
  type Versions,
} from './names.js';
import type { Property } from './objects.js';
import { isOwnFolder, standInLines } from './stand-ins.js';
import type { Edit, Place, TextFile } from './text-file.js';

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
/** Keys whose strings are words about the package, or are looked at elsewhere. */
const NOT_NAMES = new Set([
  ...SECTIONS,
  'name',
  'description',
  'keywords',
  'scripts',
  'repository',
  'imports',
]);
const OLD_RANGE = /^npm:(sofa-(?:rpc|bolt)-node)(?:@.*)?$/;

/** What becomes of a package.json. */
export interface ManifestChange {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly edits: readonly Edit[];
}

/** A package.json of the app. */
export class Manifest {
  readonly json: JsonFile;
  /** The names by which the code of this package loads an old one. */
  readonly aliases: ReadonlyMap<string, OldPackage>;
  /** Names in `imports` for an old package or what stands in for it: they stay, and what they lead to changes. */
  readonly subpaths: ReadonlyMap<string, OldPackage>;

  constructor(
    file: TextFile,
    readonly versions: Versions,
  ) {
    this.json = new JsonFile(file);
    const aliases = new Map<string, OldPackage>();
    for (const { key, range: wanted } of this.dependencies()) {
      const old = OLD_RANGE.exec(wanted)?.[1];
      if (old !== undefined) aliases.set(key, old as OldPackage);
    }
    this.aliases = aliases;
    this.subpaths = subpathsOf(this.json);
  }

  get folder(): string {
    return dirname(this.json.file.path);
  }

  get names(): string[] {
    return this.dependencies().map(({ key }) => key);
  }

  get hasNew(): boolean {
    return this.names.includes(NEW_PACKAGE);
  }

  /** Whether the old packages themselves are among its dependencies. */
  get hasOld(): boolean {
    return this.dependencies().some(({ key, range }) => this.isOld(key, range));
  }

  /** Whether both old names lead to packages of the app's own, for those of others that require them. */
  get hasStandIns(): boolean {
    const overrides = ['overrides', 'resolutions'].map((key) => this.json.propertiesOf(key));
    overrides.push(this.json.propertiesOf('pnpm', 'overrides'));
    const own = this.dependencies().filter(({ range }) => isOwnFolder(range));
    return OLD_PACKAGES.every(
      (old) =>
        own.some(({ key }) => key === old) && overrides.some((list) => list.some(({ key }) => key === old)),
    );
  }

  /** Whether it has to do with the old packages, or had. */
  get isConcerned(): boolean {
    return this.hasOld || this.subpaths.size > 0 || this.names.some((name) => EGG_PLUGINS.includes(name));
  }

  /** Where one of these dependencies is. */
  placeOf(names: readonly string[]): Place {
    return this.json.place(this.dependencies().find(({ key }) => names.includes(key))?.property.keyAt ?? 0);
  }

  /** What of the packages that its code needs is not among its dependencies. */
  missing(needs: ReadonlySet<keyof Versions>): (keyof Versions)[] {
    return [...needs].filter((name) => !this.names.includes(name)).sort();
  }

  /** Where a package that is missing belongs; nothing where there is no list of dependencies at all. */
  private get section(): string | undefined {
    const holders = SECTIONS.filter((section) => this.json.has(section));
    return holders.find((section) => this.oldIn(section).length > 0) ?? holders[0];
  }

  /**
   * Changes that bring in what is missing, and take the old packages out.
   * @param keepsOld Something that stays in the code still loads them.
   */
  *changes(keepsOld: boolean, needs: ReadonlySet<keyof Versions>): Iterable<ManifestChange> {
    const { json, section: home } = this;
    const missing = this.missing(needs);
    const object = home === undefined ? [] : json.propertiesOf(home);
    const old = home === undefined || keepsOld ? [] : this.oldIn(home);
    // The one that stands where the new one belongs by the alphabet.
    const place = missing.includes(NEW_PACKAGE)
      ? (old.find(({ key }) => key === 'sofa-rpc-node') ?? old[0])
      : undefined;
    if (place !== undefined) {
      const range = this.versions[NEW_PACKAGE];
      missing.splice(missing.indexOf(NEW_PACKAGE), 1);
      yield this.change(place, `"${NEW_PACKAGE}": "${range}"`, json.replace(place, NEW_PACKAGE, range));
    }
    if (home !== undefined && missing.length > 0) {
      const { keyAt, from } = json.propertiesOf().find(({ key }) => key === home) as Property;
      const stays = object.filter((property) => property === place || !old.includes(property));
      const edits = json.insert(
        from,
        stays,
        missing.map((name) => [name, this.versions[name]] as const),
      );
      const to = missing.map((name) => `"${name}": "${this.versions[name]}"`).join(', ');
      yield { at: keyAt, from: '', to, edits };
    }
    for (const section of keepsOld ? [] : SECTIONS) {
      const removed = new Set(this.oldIn(section).filter((property) => property !== place));
      const edits = json.remove(json.propertiesOf(section), removed);
      for (const property of removed) yield this.change(property, 'removed', edits.splice(0));
    }
    yield* this.subpathImports();
  }

  /** What only a person can decide. */
  *findings(keepsOld: boolean, needs: ReadonlySet<keyof Versions>): Iterable<Finding> {
    const { json } = this;
    if (this.section === undefined) {
      for (const name of this.missing(needs)) {
        const message = `it has no "dependencies": add "${name}": "${this.versions[name]}"`;
        yield { ...json.place(0), topic: 'dependency', message };
      }
    }
    for (const { key, range, property } of this.dependencies()) {
      if (!(OLD_PACKAGES as readonly string[]).includes(key)) continue;
      const place = json.place(property.keyAt);
      if (range.startsWith(`npm:${NEW_PACKAGE}`)) {
        const message = `an alias leads ${key} to the main entry of ${NEW_PACKAGE}, and not to ${standInOf(key as OldPackage)}: where something needs the old name, write instead`;
        yield { ...place, topic: 'dependency', message, lines: standInLines(this.versions[NEW_PACKAGE]) };
      } else if (range.startsWith('npm:') && !OLD_RANGE.test(range)) {
        yield {
          ...place,
          topic: 'dependency',
          message: `${key} is another package here, ${range}: see what of it the app needs`,
        };
      }
    }
    for (const { at, text } of oldNamesIn(json)) {
      const section = json.propertiesOf().find(({ keyAt, to }) => keyAt <= at && at <= to)?.key ?? '';
      if (NOT_NAMES.has(section) || (this.hasStandIns && /^(?:overrides|resolutions|pnpm)$/.test(section)))
        continue;
      if (keepsOld && /^(?:overrides|resolutions|pnpm)$/.test(section)) continue;
      const message = `"${section}" names ${text}: see whether it is still needed, for the old package or for ${NEW_PACKAGE}`;
      yield { ...json.place(at), topic: 'dependency', message };
    }
  }

  private dependencies(): { key: string; range: string; property: Property }[] {
    return SECTIONS.flatMap((section) =>
      this.json.propertiesOf(section).map((property) => ({
        key: property.key,
        range: this.json.textOf(property) ?? '',
        property,
      })),
    );
  }

  /** Whether a dependency is an old package, by its own name or by another. */
  private isOld(key: string, range: string): boolean {
    if (OLD_RANGE.test(range)) return true;
    return (
      (OLD_PACKAGES as readonly string[]).includes(key) && !isOwnFolder(range) && !range.startsWith('npm:')
    );
  }

  private oldIn(section: string): Property[] {
    const object = this.json.propertiesOf(section);
    return object.filter((property) => this.isOld(property.key, this.json.textOf(property) ?? ''));
  }

  private change(property: Property, to: string, edits: readonly Edit[]): ManifestChange {
    const from = `"${property.key}": "${this.json.textOf(property) ?? ''}"`;
    return { at: property.keyAt, from, to, edits };
  }

  /** `"imports": { "#rpc": "sofa-rpc-node" }`, with conditions or without. */
  private *subpathImports(): Iterable<ManifestChange> {
    const { code } = this.json;
    const section = this.json.propertiesOf().find(({ key }) => key === 'imports');
    if (section === undefined) return;
    for (let at = section.from; at <= section.to; at++) {
      const text = code.stringAt(at);
      const old = OLD_PACKAGES.find((name) => name === text);
      if (old === undefined || !code.isPunctuator(at - 1, ':')) continue;
      const start = (code.tokens[at]?.start ?? 0) + 1;
      const edits = [{ start, end: start + old.length, text: standInOf(old) }];
      yield { at, from: `"${old}"`, to: `"${standInOf(old)}"`, edits };
    }
  }
}

function subpathsOf(json: JsonFile): Map<string, OldPackage> {
  const found = new Map<string, OldPackage>();
  for (const { key, from, to } of json.propertiesOf('imports')) {
    for (let at = from; at <= to; at++) {
      const text = json.code.stringAt(at) ?? '';
      const old = stoodInFor(text) ?? OLD_PACKAGES.find((name) => name === text);
      if (old !== undefined) found.set(key, old);
    }
  }
  return found;
}
