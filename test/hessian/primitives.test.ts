import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ClassDef } from '../../src/hessian/class-def.js';
import { type Grammar, Kind } from '../../src/hessian/grammar.js';
import { createReader, type HessianReader } from '../../src/hessian/reader.js';
import { createWriter, type HessianWriter } from '../../src/hessian/writer.js';

interface Row {
  name: string;
  hex: string;
}

function rows(grammar: Grammar): Row[] {
  const text = readFileSync(`test/wire/fixtures/hessian-${grammar}.ndjson`, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

/** Copies one value from reader to writer, token by token. */
function copy(r: HessianReader, w: HessianWriter): void {
  const tag = r.readTag();
  switch (r.kinds[tag]) {
    case Kind.null:
      w.writeNull();
      break;
    case Kind.true:
    case Kind.false:
      w.writeBoolean(tag === 0x54);
      break;
    case Kind.int:
      w.writeInt(r.readInt(tag));
      break;
    case Kind.long:
      w.writeLong(r.readLong(tag));
      break;
    case Kind.double:
      w.writeDouble(r.readDouble(tag));
      break;
    case Kind.date:
      w.writeDate(r.readDate(tag));
      break;
    case Kind.string:
      w.writeString(r.readString(tag));
      break;
    case Kind.bytes:
      w.writeBytes(r.readBytes(tag));
      break;
    case Kind.ref:
      w.writeRef(r.readRefNumber(tag));
      break;
    case Kind.list: {
      const length = r.beginList(tag);
      r.addRef(null);
      const marked = r.marked;
      const end = w.beginList(r.type, length);
      for (let i = 0; i < length; i++) copy(r, w);
      r.endList(marked);
      w.endList(end);
      break;
    }
    case Kind.map: {
      r.beginMap(tag);
      r.addRef(null);
      w.beginMap(r.type);
      while (!r.isEnd()) {
        copy(r, w);
        copy(r, w);
      }
      w.endMap();
      break;
    }
    default: {
      const found = r.readClass(tag);
      r.addRef(null);
      w.writeObjectBegin(new ClassDef(found.name, found.fieldNames));
      for (const _ of found.fieldNames) copy(r, w);
    }
  }
}

describe.each(['sofa', 'final'] as const)('grammar %s', (grammar) => {
  it.each(rows(grammar))('writes the tokens of $name as Java does', ({ hex }) => {
    const bytes = Buffer.from(hex, 'hex');
    const reader = createReader(grammar);
    const writer = createWriter(grammar);
    reader.reset(bytes);
    while (!reader.atEnd) copy(reader, writer);
    expect(writer.out.written().toString('hex')).toBe(hex);
  });
});
