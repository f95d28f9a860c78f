/*
 * The class that Java reads a list or map as. A class with a public constructor without parameters is read as itself,
 * any other as the nearest of TreeSet, HashSet, ArrayList, HashMap (hessian's CollectionDeserializer and
 * MapDeserializer; vectors, list/*, set/*, map/*).
 */

const names = (prefix: string, text: string): string[] => text.split(' ').map((name) => prefix + name);

const READ_AS_THEMSELVES: ReadonlySet<string> = new Set([
  ...names(
    'java.util.',
    'ArrayList LinkedList Vector Stack ArrayDeque PriorityQueue HashSet LinkedHashSet TreeSet',
  ),
  ...names('java.util.', 'HashMap LinkedHashMap TreeMap Hashtable Properties WeakHashMap IdentityHashMap'),
  ...names(
    'java.util.concurrent.',
    'CopyOnWriteArrayList CopyOnWriteArraySet ConcurrentLinkedQueue ConcurrentLinkedDeque',
  ),
  ...names(
    'java.util.concurrent.',
    'LinkedBlockingQueue LinkedBlockingDeque PriorityBlockingQueue LinkedTransferQueue',
  ),
  ...names('java.util.concurrent.', 'DelayQueue SynchronousQueue ConcurrentSkipListSet'),
  ...names('java.util.concurrent.', 'ConcurrentHashMap ConcurrentSkipListMap'),
]);

/** Classes of the JDK, private ones too. Of another class it is not known, and its name is kept. */
const JDK = /^java\./;

/** Also `ImmutableCollections$Set12` and `$SetN`, `Collections$SetFromMap`, `TreeMap$KeySet`. */
const SET = /Set(?:12|N|FromMap|View)?$/;
const SORTED = /Sorted|Navigable|TreeMap\$|SkipList/;

export function listClass(type: string | null): string {
  if (type === null || type === '') return 'java.util.ArrayList';
  if (!JDK.test(type) || READ_AS_THEMSELVES.has(type)) return type;
  if (!SET.test(type)) return 'java.util.ArrayList';
  return SORTED.test(type) ? 'java.util.TreeSet' : 'java.util.HashSet';
}

export function mapClass(type: string | null): string {
  if (type === null || type === '') return 'java.util.HashMap';
  if (!JDK.test(type) || READ_AS_THEMSELVES.has(type)) return type;
  return type === 'java.util.SortedMap' ? 'java.util.TreeMap' : 'java.util.HashMap';
}

/** A constant as Java programs name it. A POJO with the one field `name` and such a value looks the same. */
const CONSTANT = /^[A-Z_$][A-Z0-9_$]*$/;

/**
 * The name of an enum's constant, or undefined for any other object: an enum is written as an object with the one field
 * `name` (vectors, enum/*). The wire does not tell it from a class of one field `name`: capitals decide.
 */
export function enumConstant(fields: readonly (readonly [string, unknown])[]): string | undefined {
  if (fields.length !== 1 || fields[0][0] !== 'name') return undefined;
  const name = fields[0][1];
  return typeof name === 'string' && CONSTANT.test(name) ? name : undefined;
}

/** The enum of a constant: one with a body is of a class of its own, `Color$1` (vectors, enum/BLUE-body). */
export function enumClass(className: string): string {
  return className.replace(/\$\d+$/, '');
}
