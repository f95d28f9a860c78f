import { MeshError } from '../core/errors.js';

const STRING = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[ !#-[\]-\uffff]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;
const FOUND = /[\w.+-]{1,20}|./suy;

/** A policy has three levels; no more than this keeps a file of brackets from exhausting the stack. */
const MAX_DEPTH = 50;

/**
 * Reads JSON (RFC 8259) as JSON.parse does, and says where it is broken: what JSON.parse says of that depends on the version
 * of Node, and is often no place. A key that is there twice is a fault, too: one of the two would count without a word.
 * @throws MeshError INVALID_ARGUMENT: `line 3, column 7: expected "," or "}", found "x"`
 */
export function parseJson(text: string): unknown {
  return new Reader(text).document();
}

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  document(): unknown {
    const value = this.value();
    this.skipSpace();
    if (this.at < this.text.length) throw this.expected('nothing after the end of the document');
    return value;
  }

  private value(): unknown {
    this.skipSpace();
    if (this.take('{')) return this.nested(() => this.object());
    if (this.take('[')) return this.nested(() => this.list());
    const token = this.match(STRING) ?? this.match(NUMBER) ?? this.match(WORD);
    if (token === undefined) throw this.expected('a value');
    return JSON.parse(token);
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw this.fault(`it is nested more than ${MAX_DEPTH} levels deep`);
    const value = read();
    this.depth--;
    return value;
  }

  private object(): object {
    const entries = new Map<string, unknown>();
    this.skipSpace();
    if (this.take('}')) return {};
    do {
      this.skipSpace();
      const start = this.at;
      const token = this.match(STRING);
      if (token === undefined) throw this.expected('a key in double quotes');
      const key: string = JSON.parse(token);
      if (entries.has(key)) throw this.fault(`the key ${token} is there twice`, start);
      this.skipSpace();
      if (!this.take(':')) throw this.expected('":"');
      entries.set(key, this.value());
      this.skipSpace();
    } while (this.take(','));
    if (!this.take('}')) throw this.expected('"," or "}"');
    return Object.fromEntries(entries);
  }

  private list(): unknown[] {
    const list: unknown[] = [];
    this.skipSpace();
    if (this.take(']')) return list;
    do {
      list.push(this.value());
      this.skipSpace();
    } while (this.take(','));
    if (!this.take(']')) throw this.expected('"," or "]"');
    return list;
  }

  private skipSpace(): void {
    this.match(SPACE);
  }

  private take(sign: string): boolean {
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const token = pattern.exec(this.text)?.[0];
    this.at += token?.length ?? 0;
    return token;
  }

  private expected(what: string): MeshError {
    const start = this.at;
    const found = this.match(STRING)?.slice(0, 40) ?? this.match(FOUND);
    if (found === undefined) return this.fault(`expected ${what}, but the text ends here`, start);
    if (found === '"')
      return this.fault('the text that begins here has no end, or a wrong character in it', start);
    return this.fault(
      `expected ${what}, found ${found.startsWith('"') ? found : JSON.stringify(found)}`,
      start,
    );
  }

  private fault(what: string, at = this.at): MeshError {
    const lines = this.text.slice(0, at).split('\n');
    const column = (lines.at(-1) as string).length + 1;
    return new MeshError('INVALID_ARGUMENT', `line ${lines.length}, column ${column}: ${what}`);
  }
}
