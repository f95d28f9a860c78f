import { brand, invalidValue, shown, Value } from './value.js';

/** A `java.lang.Class`: its name alone. */
export class JavaClass extends Value {
  /** As Class.getName() gives it: `com.acme.Person`, `int`, `[I`. */
  readonly name: string;

  constructor(name: string) {
    super();
    if (typeof name !== 'string' || name === '') {
      throw invalidValue('JavaClass', `expected the name of a class, got ${shown(name)}.`);
    }
    this.name = name;
  }

  /** True for a JavaClass of any copy of this package. */
  static is(value: unknown): value is JavaClass {
    return isJavaClass(value);
  }

  equals(other: unknown): boolean {
    return JavaClass.is(other) && other.name === this.name;
  }

  /** The name. */
  toString(): string {
    return this.name;
  }
}

const isJavaClass = brand(JavaClass, 'JavaClass');
