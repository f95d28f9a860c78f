import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';

/**
 * Moves past one value that nobody asked for, such as a field that the contract does not have. What it holds keeps its
 * reference numbers, for a later value may refer to it.
 */
export function skipValue(r: HessianReader): void {
  const tag = r.readTag();
  switch (r.kinds[tag]) {
    case Kind.null:
    case Kind.true:
    case Kind.false:
      return;
    case Kind.int:
      r.readInt(tag);
      return;
    case Kind.long:
      r.readLongNumber(tag);
      return;
    case Kind.double:
      r.readDouble(tag);
      return;
    case Kind.date:
      r.readDate(tag);
      return;
    case Kind.string:
      r.skipString(tag);
      return;
    case Kind.bytes:
      r.readBytes(tag);
      return;
    case Kind.ref:
      r.readRefNumber(tag);
      return;
    case Kind.list:
      r.addSkipped();
      skipItems(r, r.beginList(tag));
      return;
    case Kind.map:
      r.addSkipped();
      r.beginMap(tag);
      r.enter();
      while (!r.isEnd()) {
        skipValue(r);
        skipValue(r);
      }
      r.leave();
      return;
    case Kind.object:
    case Kind.definition: {
      r.addSkipped();
      const { fieldNames } = r.readClass(tag);
      r.enter();
      for (let i = 0; i < fieldNames.length; i++) skipValue(r);
      r.leave();
      return;
    }
    default:
      throw r.unexpected('a value', tag);
  }
}

function skipItems(r: HessianReader, length: number): void {
  const marked = r.marked;
  r.enter();
  if (length < 0) while (!r.isEnd()) skipValue(r);
  else {
    for (let i = 0; i < length; i++) skipValue(r);
    r.endList(marked);
  }
  r.leave();
}
