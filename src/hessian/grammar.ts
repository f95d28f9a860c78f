/**
 * The two Hessian 2 grammars. `sofa` is the draft that hessian 3.5.5, SOFARPC's, writes; `final` is Hessian 2.0 as
 * published, which Hessian 4 writes. Neither reads the other.
 */
export type Grammar = 'sofa' | 'final';

/** How deep lists, maps and objects may nest, both ways. */
export const MAX_DEPTH = 1024;

/** What a tag byte begins. A plain object of constants: a switch on it compiles to a jump, as an enum's would. */
export const Kind = {
  bad: 0,
  null: 1,
  true: 2,
  false: 3,
  int: 4,
  long: 5,
  double: 6,
  date: 7,
  string: 8,
  bytes: 9,
  list: 10,
  map: 11,
  /** A class definition, an instance follows. */
  definition: 12,
  object: 13,
  ref: 14,
  end: 15,
} as const;

export type Kind = (typeof Kind)[keyof typeof Kind];

const KIND_NAMES: readonly string[] = [
  'an unknown tag',
  'null',
  'boolean',
  'boolean',
  'int',
  'long',
  'double',
  'date',
  'string',
  'byte[]',
  'list',
  'map',
  'object',
  'object',
  'reference',
  'end of list or map',
];

/** The name of a kind for a message. */
export function kindName(kind: Kind): string {
  return KIND_NAMES[kind];
}

function table(ranges: readonly (readonly [first: number, last: number, kind: Kind])[]): Uint8Array {
  const kinds = new Uint8Array(256);
  for (const [first, last, kind] of ranges) kinds.fill(kind, first, last + 1);
  return kinds;
}

const SHARED = [
  [0x00, 0x1f, Kind.string],
  [0x20, 0x2f, Kind.bytes],
  [0x38, 0x3f, Kind.long],
  [0x42, 0x42, Kind.bytes],
  [0x44, 0x44, Kind.double],
  [0x46, 0x46, Kind.false],
  [0x49, 0x49, Kind.int],
  [0x4c, 0x4c, Kind.long],
  [0x4e, 0x4e, Kind.null],
  [0x53, 0x53, Kind.string],
  [0x54, 0x54, Kind.true],
  [0x80, 0xd7, Kind.int],
  [0xd8, 0xff, Kind.long],
] as const;

const SOFA = table([
  ...SHARED,
  [0x4a, 0x4b, Kind.ref],
  [0x4d, 0x4d, Kind.map],
  [0x4f, 0x4f, Kind.definition],
  [0x52, 0x52, Kind.ref],
  [0x56, 0x56, Kind.list],
  [0x62, 0x62, Kind.bytes],
  [0x64, 0x64, Kind.date],
  [0x67, 0x6b, Kind.double],
  [0x6f, 0x6f, Kind.object],
  [0x73, 0x73, Kind.string],
  [0x76, 0x76, Kind.list],
  [0x77, 0x77, Kind.long],
  [0x7a, 0x7a, Kind.end],
]);

const FINAL = table([
  ...SHARED,
  [0x30, 0x33, Kind.string],
  [0x34, 0x37, Kind.bytes],
  [0x41, 0x41, Kind.bytes],
  [0x43, 0x43, Kind.definition],
  [0x48, 0x48, Kind.map],
  [0x4a, 0x4b, Kind.date],
  [0x4d, 0x4d, Kind.map],
  [0x4f, 0x4f, Kind.object],
  [0x51, 0x51, Kind.ref],
  [0x52, 0x52, Kind.string],
  [0x55, 0x58, Kind.list],
  [0x59, 0x59, Kind.long],
  [0x5a, 0x5a, Kind.end],
  [0x5b, 0x5f, Kind.double],
  [0x60, 0x6f, Kind.object],
  [0x70, 0x7f, Kind.list],
]);

/** Kind by tag byte. */
export function kindTable(grammar: Grammar): Uint8Array {
  return grammar === 'sofa' ? SOFA : FINAL;
}
