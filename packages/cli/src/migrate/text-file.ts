/** Where something is, for people: lines and columns from 1, columns in UTF-16 units. */
export interface Place {
  /** The path from the app's folder, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Characters to put in the place of others. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const BOM = '\ufeff';

/** A file's text, every character as it is in the file: byte order mark and line ends too. */
export class TextFile {
  private starts: readonly number[] | undefined;

  constructor(
    readonly path: string,
    readonly text: string,
  ) {}

  place(offset: number): Place {
    this.starts ??= lineStarts(this.text);
    let line = this.starts.length;
    while (line > 1 && (this.starts[line - 1] as number) > offset) line--;
    const start = this.starts[line - 1] as number;
    const mark = line === 1 && this.text.startsWith(BOM) ? 1 : 0;
    return { file: this.path, line, column: offset - start - mark + 1 };
  }

  /** @throws Error where two edits want the same characters: that is a fault of ours. */
  edited(edits: readonly Edit[]): string {
    let text = '';
    let at = 0;
    for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
      if (edit.start < at) throw new Error(`${this.path}: two changes of the same place`);
      text += this.text.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return text + this.text.slice(at);
  }
}

/** The text of UTF-8; undefined where it is not, because it could not be written back as it was. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return starts;
}
