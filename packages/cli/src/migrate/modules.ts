import { dirname, join, normalize } from 'node:path/posix';
import type { TextFile } from './text-file.js';

const ENDINGS = ['', '.js', '.ts', '.mjs', '.cjs', '.mts', '.cts', '.jsx', '.tsx'];

/** The files of an app by what they are imported as, read when they are first asked for. */
export class Modules<Source> {
  private readonly read = new Map<string, Source>();
  private readonly files: ReadonlyMap<string, TextFile>;

  constructor(
    files: readonly TextFile[],
    private readonly sourceOf: (file: TextFile, modules: Modules<Source>) => Source,
  ) {
    this.files = new Map(files.map((file) => [file.path, file]));
  }

  source(file: TextFile): Source {
    const known = this.read.get(file.path);
    if (known !== undefined) return known;
    const source = this.sourceOf(file, this);
    this.read.set(file.path, source);
    return source;
  }

  /** What a relative specifier leads to, where that is a file of the app. */
  find(from: string, specifier: string): Source | undefined {
    if (!/^\.{1,2}(?:\/|$)/.test(specifier)) return undefined;
    const base = normalize(join(dirname(from), specifier)).replace(/\/$/, '');
    // TypeScript names the file that it makes: './a.js' is a.ts.
    const stems = [base, join(base, 'index'), base.replace(/\.([cm]?)js$/, '.$1ts')];
    for (const path of stems.flatMap((stem) => ENDINGS.map((ending) => stem + ending))) {
      const file = this.files.get(path);
      if (file !== undefined) return this.source(file);
    }
    return undefined;
  }
}
