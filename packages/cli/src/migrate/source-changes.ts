import { oldSpecifier, standInOf } from './names.js';
import type { Source } from './source.js';
import type { Edit, Place } from './text-file.js';

/** One replacement, for people. */
export interface Change extends Place {
  /** Nothing where something is added. */
  readonly from: string;
  /** `removed` where nothing takes its place. */
  readonly to: string;
}

/** A replacement, and what of the text it is. */
export interface SourceChange {
  readonly edits: readonly Edit[];
  readonly change: Change;
}

/** The specifiers of a file that are replaced, character for character. */
export function* sourceChanges(source: Source): Iterable<SourceChange> {
  for (const { text, offset, use } of source.specifiers) {
    if (use !== 'module' && use !== 'bundled') continue;
    const named = oldSpecifier(text, source.aliases);
    if (named === undefined || named.inside !== '') continue;
    const to = standInOf(named.old);
    const edits = [{ start: offset, end: offset + text.length, text: to }];
    const quote = source.file.text[offset - 1] as string;
    const quoted = (name: string) => `${quote}${name}${quote}`;
    yield { edits, change: { ...source.file.place(offset), from: quoted(text), to: quoted(to) } };
  }
}
