/**
 * A class as it is defined on a stream: its Java name and the fields each instance lists after it. Make it once and
 * keep it: the writer recognises a definition by identity first, and its bytes are computed once a grammar.
 */
export class ClassDef {
  /** The definition's bytes per grammar, filled in by the writer. */
  sofaBytes: Buffer | undefined = undefined;
  finalBytes: Buffer | undefined = undefined;

  constructor(
    readonly name: string,
    readonly fieldNames: readonly string[],
  ) {}

  /** True where both define the same fields of the same class in the same order. */
  equals(other: ClassDef): boolean {
    if (this === other) return true;
    if (this.name !== other.name || this.fieldNames.length !== other.fieldNames.length) return false;
    return this.fieldNames.every((name, i) => name === other.fieldNames[i]);
  }
}
