import type { Finding } from '../finding.js';
import { NO_ALIASES, OLD_PACKAGES, oldSpecifier, publicPlaceOf, standInOf, stoodInFor } from '../names.js';
import { argumentsAt, keysAround } from '../objects.js';
import type { Source } from '../source.js';
import type { Specifier } from '../specifiers.js';
import type { SourceRule } from './source-rule.js';

/** Names of old packages that stay in the code, because what is to be in their place is for a person to say. */
function* leftovers(source: Source): Iterable<Finding> {
  for (const specifier of source.specifiers) {
    // A name of the app's own for an old package is one in a place that loads it, and any text elsewhere.
    const known = specifier.use === 'name' ? NO_ALIASES : source.aliases;
    const named = oldSpecifier(specifier.text, known);
    if (named === undefined) continue;
    const place = source.file.place(specifier.offset);
    const { old } = named;
    if (specifier.use === 'declaration') {
      const message = `${standInOf(old)} has types of its own: remove what the app declares for ${old}`;
      yield { ...place, topic: 'types', message };
    } else if (named.inside !== '') {
      const instead = publicPlaceOf(named);
      const advice =
        instead === undefined
          ? 'docs/compat.md lists what can be used instead'
          : `write ${instead} for what it exports`;
      yield { ...place, topic: 'deep-import', message: `a file of the inside of ${old}: ${advice}` };
    } else if (specifier.use === 'name') {
      const finding = bare(source, specifier);
      if (finding !== undefined) yield { ...place, ...finding };
    }
  }
}

function bare(source: Source, { at, text }: Specifier): Pick<Finding, 'topic' | 'message'> | undefined {
  const { code } = source;
  const old = text as (typeof OLD_PACKAGES)[number];
  const around = keysAround(code, at).find((key) =>
    /^(?:alias|paths|moduleNameMapper|externals?)$/.test(key),
  );
  if (around === undefined) {
    return {
      topic: 'name',
      message: `'${text}' in a place that is not known to load it: write '${standInOf(old)}' if it does`,
    };
  }
  // The other way to migrate: the old name, led to the new entry.
  if (code.isPunctuator(at + 1, ':') && stoodInFor(code.stringAt(at + 2) ?? '') !== undefined)
    return undefined;
  return {
    topic: 'alias',
    message: `${around} names ${text}: nothing imports it by this name now; '${standInOf(old)}' may need the same`,
  };
}

/** Modules whose names are made up, from parts that look like an old package's name, or by a name for it. */
function* computed(source: Source): Iterable<Finding> {
  const { code } = source;
  for (let at = 0; at < code.tokens.length; at++) {
    if (!code.isName(at, 'require') && !code.isName(at, 'import')) continue;
    const open = code.isPunctuator(at + 1, '.') ? at + 3 : at + 1;
    if (!code.isPunctuator(open, '(')) continue;
    const [first] = argumentsAt(code, open);
    if (first === undefined || (first.from === first.to && code.stringAt(first.from) !== undefined)) continue;
    const named = source.textAt(first.from);
    const hasPart = code.tokens
      .slice(first.from, first.to + 1)
      .some(({ text }) => /^['"`}].*\bsofa-/s.test(text));
    if (!hasPart && (named === undefined || oldSpecifier(named, source.aliases) === undefined)) continue;
    const message = `a module whose name is made at run time: see that it becomes '${OLD_PACKAGES.map(standInOf).join("' or '")}'`;
    yield { ...source.place(at), topic: 'computed-import', message };
  }
}

/** What is looked for in any folder, also in one that seems to have nothing of the old packages. */
export const LEFTOVER_RULES: readonly SourceRule[] = [leftovers, computed];
