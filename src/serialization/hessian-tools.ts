import { CodecCache } from '../hessian/compile.js';
import type { Grammar } from '../hessian/grammar.js';
import { createReader, type HessianReader } from '../hessian/reader.js';
import { createWriter, type HessianWriter } from '../hessian/writer.js';

/** The writer, the reader and the compiled codecs of one grammar. Encoding and decoding never wait, so one of each serves all calls. */
export class HessianTools {
  readonly writer: HessianWriter;
  readonly reader: HessianReader;
  readonly codecs: CodecCache;

  constructor(readonly grammar: Grammar) {
    this.writer = createWriter(grammar);
    this.reader = createReader(grammar);
    this.codecs = new CodecCache(grammar);
  }
}
