import { Code } from './code.js';
import { type Property, propertiesAt } from './objects.js';
import type { Edit, Place, TextFile } from './text-file.js';

/** A JSON file, comments and all, that can be changed without touching anything else in it. */
export class JsonFile {
  readonly code: Code;
  /** A property is one object, however often it is asked for. */
  private readonly objects = new Map<number, readonly Property[]>();

  constructor(readonly file: TextFile) {
    this.code = Code.of(file);
  }

  /** The properties of an object below the root, by its path; none where it is missing or not an object. */
  propertiesOf(...path: readonly string[]): readonly Property[] {
    let properties = this.objectAt(0);
    for (const key of path) {
      const property = properties.find((candidate) => candidate.key === key);
      properties = property === undefined ? [] : this.objectAt(property.from);
    }
    return properties;
  }

  has(...path: readonly string[]): boolean {
    return this.propertiesOf(...path.slice(0, -1)).some(({ key }) => key === path.at(-1));
  }

  /** The text of a property's value, where it is a string. */
  textOf({ from, to }: Property): string | undefined {
    return from === to ? this.code.stringAt(from) : undefined;
  }

  place(at: number): Place {
    return this.file.place(this.code.tokens[at]?.start ?? 0);
  }

  /** Puts another name and value where a property is. */
  replace({ keyAt, from, to }: Property, key: string, value: string): Edit[] {
    return [this.put(keyAt, keyAt, JSON.stringify(key)), this.put(from, to, JSON.stringify(value))];
  }

  /** Takes properties out of an object, with their lines where they have lines of their own. */
  remove(object: readonly Property[], removed: ReadonlySet<Property>): Edit[] {
    const edits: Edit[] = [];
    for (let first = 0; first < object.length; first++) {
      if (!removed.has(object[first] as Property)) continue;
      let last = first;
      while (last + 1 < object.length && removed.has(object[last + 1] as Property)) last++;
      const start = object[first] as Property;
      const end = object[last] as Property;
      const next = object[last + 1];
      const before = object[first - 1];
      if (next !== undefined)
        edits.push({ start: this.start(start.keyAt), end: this.start(next.keyAt), text: '' });
      else if (before !== undefined)
        edits.push({ start: this.code.endOf(before.to), end: this.code.endOf(end.to), text: '' });
      else edits.push({ start: this.code.endOf(start.keyAt - 1), end: this.start(end.to + 1), text: '' });
      first = last;
    }
    return edits;
  }

  /**
   * Adds properties where their names belong by the alphabet, laid out as those beside them.
   * @param object What is in the object and stays there; `open` is its bracket.
   * @param added Names and values, in the order of the alphabet.
   */
  insert(open: number, object: readonly Property[], added: readonly (readonly [string, string])[]): Edit[] {
    const texts = added.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    const last = object.at(-1);
    if (last === undefined) {
      const start = this.code.endOf(open);
      return [{ start, end: start, text: ` ${texts.join(', ')} ` }];
    }
    return added.map(([key], index) => {
      const next = object.find((property) => property.key > key);
      const start = next === undefined ? this.code.endOf(last.to) : this.start(next.keyAt);
      const space = this.spaceBefore((next ?? last).keyAt);
      return {
        start,
        end: start,
        text: next === undefined ? `,${space}${texts[index]}` : `${texts[index]},${space}`,
      };
    });
  }

  private objectAt(at: number): readonly Property[] {
    const known = this.objects.get(at);
    if (known !== undefined) return known;
    const properties = this.code.isPunctuator(at, '{') ? propertiesAt(this.code, at) : [];
    this.objects.set(at, properties);
    return properties;
  }

  private put(from: number, to: number, text: string): Edit {
    return { start: this.start(from), end: this.code.endOf(to), text };
  }

  private start(at: number): number {
    return this.code.tokens[at]?.start ?? this.file.text.length;
  }

  private spaceBefore(at: number): string {
    return this.file.text.slice(this.code.endOf(at - 1), this.start(at));
  }
}

/** The strings of a file that are the name of an old package, a path of it, or a pattern for it. */
export function* oldNamesIn({ code }: JsonFile): Iterable<{ at: number; text: string }> {
  for (let at = 0; at < code.tokens.length; at++) {
    const text = code.stringAt(at);
    if (text !== undefined && /(?:^|[/^])sofa-(?:rpc|bolt)-node(?:$|[/@$])/.test(text)) yield { at, text };
  }
}
