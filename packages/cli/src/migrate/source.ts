import { Code } from './code.js';
import { exportAt } from './exports.js';
import type { Modules } from './modules.js';
import { type Aliases, type OldPackage, oldSpecifier, stoodInFor } from './names.js';
import { type Property, propertiesAt } from './objects.js';
import { type Origin, Origins } from './origins.js';
import { type Specifier, specifiersOf } from './specifiers.js';
import type { Place, TextFile } from './text-file.js';

/** How many files of the app a name is followed through. */
const MAX_FILES = 5;

/** A thing of the old package, whether it is still imported from there or from what stands in for it. */
export interface OldThing {
  readonly old: OldPackage;
  /** Its last name: `RpcClient`; nothing for the package itself. */
  readonly name: string;
  /** `client` or `server`: both have an RpcConnection. */
  readonly side: string;
}

/** A file of code, and what is known of it. */
export class Source {
  readonly code: Code;
  readonly specifiers: readonly Specifier[];
  readonly origins: Origins;
  private isUser: boolean | undefined;
  private constants: ReadonlyMap<string, number> | undefined;

  /**
   * @param aliases Names of old packages here.
   * @param subpaths Names that lead to an old package, or to what stands in for it, and stay.
   */
  constructor(
    readonly file: TextFile,
    readonly aliases: Aliases,
    private readonly subpaths: Aliases,
    private readonly modules: Modules<Source>,
  ) {
    this.code = Code.of(file);
    this.specifiers = specifiersOf(this.code, (text) => oldSpecifier(text, aliases) !== undefined);
    this.origins = new Origins(this.code);
  }

  get path(): string {
    return this.file.path;
  }

  /** Whether it loads an old package, or what stands in for it, itself or by a file of the app beside it. */
  get usesOld(): boolean {
    this.isUser ??=
      this.loadsOld || this.loaded.some(({ text }) => this.modules.find(this.path, text)?.loadsOld === true);
    return this.isUser;
  }

  oldOf(specifier: string): OldPackage | undefined {
    return (
      stoodInFor(specifier) ?? this.subpaths.get(specifier) ?? oldSpecifier(specifier, this.aliases)?.old
    );
  }

  private get loaded(): Specifier[] {
    return this.specifiers.filter(({ use }) => use === 'module');
  }

  private get loadsOld(): boolean {
    return this.loaded.some(({ text }) => this.oldOf(text) !== undefined);
  }

  /** The thing of the old package that an expression is, by its first token. */
  thingAt(at: number): OldThing | undefined {
    const origin = this.originAt(at);
    const old = origin && this.oldOf(origin.module);
    return origin && old && { old, name: origin.path.at(-1) ?? '', side: origin.path[0] ?? '' };
  }

  /** The package that an expression comes from, through the files of the app that pass it on. */
  originAt(at: number, depth = 0): Origin | undefined {
    const origin = this.origins.at(at);
    const [passed] = origin && depth < MAX_FILES ? this.passedOn(origin) : [];
    if (passed === undefined) return origin;
    const further = passed.source.originAt(passed.at, depth + 1);
    return further && { module: further.module, path: [...further.path, ...passed.rest] };
  }

  place(at: number): Place {
    return this.file.place(this.code.tokens[at]?.start ?? 0);
  }

  /** The first token of a value, seen through a name that the file gives it: `const options = { .. }`. */
  valueAt(at: number): number {
    const { code } = this;
    if (!code.isName(at) || /^(?:\??\.|\()$/.test(code.text(at + 1))) return at;
    this.constants ??= constantsOf(code);
    return this.constants.get(code.text(at)) ?? at;
  }

  /** The text of a string there, or of one with a name, here or in a file that it comes from. */
  textAt(at: number, depth = 0): string | undefined {
    const value = this.valueAt(at);
    const text = this.code.stringAt(value);
    const origin = text === undefined && depth < MAX_FILES ? this.origins.at(value) : undefined;
    const [passed] = origin === undefined ? [] : this.passedOn(origin);
    return passed?.rest.length === 0 ? passed.source.textAt(passed.at, depth + 1) : text;
  }

  /** The properties of an object literal there, or of one with a name; undefined where there is none. */
  objectAt(at: number): Property[] | undefined {
    const value = this.valueAt(at);
    return this.code.isPunctuator(value, '{') ? propertiesAt(this.code, value) : undefined;
  }

  /** Where another file of the app has what is imported from it; nothing for a package. */
  private passedOn({ module, path }: Origin): { source: Source; at: number; rest: readonly string[] }[] {
    const source = this.modules.find(this.path, module);
    if (source === undefined) return [];
    const [first = ''] = path;
    const named = first === '' ? undefined : exportAt(source.code, first);
    if (named !== undefined) return [{ source, at: named, rest: path.slice(1) }];
    const whole = exportAt(source.code, '');
    // `import x from './x'` and `require('./x').default` are the default export.
    const rest = first === 'default' ? path.slice(1) : path;
    return whole === undefined ? [] : [{ source, at: whole, rest }];
  }
}

/** Where the value of each name begins that is given a value once: `const a = ..`, `static a = ..`. */
function constantsOf(code: Code): Map<string, number> {
  const constants = new Map<string, number>();
  for (let at = 1; at < code.tokens.length; at++) {
    if (!code.isPunctuator(at, '=')) continue;
    // const name: string = ..
    const name = code.isPunctuator(at - 2, ':') ? at - 3 : at - 1;
    const declared = /^(?:const|let|var|static|readonly|,)$/.test(code.text(name - 1));
    if (declared && code.isName(name)) constants.set(code.text(name), at + 1);
  }
  return constants;
}
