import { BytePattern } from '../../core/byte-pattern.js';
import { Kind } from '../../hessian/grammar.js';
import type { HessianReader, ReaderState } from '../../hessian/reader.js';
import { readValue } from '../values/read.js';

/** What a request says before its props, as the predecessor and {@link writeRequest} write it. */
export interface RequestHead {
  readonly methodName: string;
  readonly signature: readonly string[];
  readonly serverSignature: string;
  readonly targetAppName: string | null;
}

const CLASS = 'com.alipay.sofa.rpc.core.request.SofaRequest';
const FIELDS = 'methodName,methodArgSigs,targetServiceUniqueName,targetAppName,requestProps';

interface Known {
  readonly pattern: BytePattern;
  readonly head: RequestHead;
  readonly state: ReaderState;
}

const SETS = 64;
const WAYS = 4;
/** A longer beginning is not kept: what a peer can make us hold stays bounded (256 of 1 KiB). */
const LONGEST_KEPT = 1024;
/** Where the name of the method and what follows it is: what comes before is the same in all requests. */
const NAME_AT = 125;
const NAME_LENGTH = 24;

/** The beginnings of requests that came before, by their bytes: a repeated one is compared, not parsed. */
export class KnownRequests {
  private readonly sets: Known[][] = Array.from({ length: SETS }, () => []);
  private next = 0;

  /** Reads a request up to its props, which are next. Undefined where it is written in another way. */
  read(r: HessianReader): RequestHead | undefined {
    const set = this.sets[setOf(r.buf, r.pos, r.end)];
    for (let i = 0; i < set.length; i++) {
      const { pattern, state, head } = set[i];
      if (!r.skipPattern(pattern)) continue;
      r.restore(state, r.pos);
      return head;
    }
    const start = r.pos;
    const head = readHead(r);
    if (head !== undefined) this.keep(set, r, start, head);
    return head;
  }

  private keep(set: Known[], r: HessianReader, start: number, head: RequestHead): void {
    const length = r.pos - start;
    if (length > LONGEST_KEPT || length < NAME_AT + NAME_LENGTH) return;
    const pattern = new BytePattern(Buffer.from(r.buf.subarray(start, r.pos)));
    const known = { pattern, head, state: r.snapshot() };
    if (set.length < WAYS) set.push(known);
    else set[this.next++ % WAYS] = known;
  }
}

function readHead(r: HessianReader): RequestHead | undefined {
  const kind = r.peekKind();
  if (kind !== Kind.object && kind !== Kind.definition) return undefined;
  const { name, fieldNames } = r.readClass(r.readTag());
  if (name !== CLASS || fieldNames.join() !== FIELDS) return undefined;
  r.addRef(undefined);
  const [methodName, signature, serverSignature, targetAppName] = [
    readValue(r),
    readValue(r),
    readValue(r),
    readValue(r),
  ];
  if (typeof methodName !== 'string' || typeof serverSignature !== 'string') return undefined;
  if (typeof targetAppName !== 'string' && targetAppName !== null) return undefined;
  const isSignature = Array.isArray(signature) && signature.every((one) => typeof one === 'string');
  return isSignature ? { methodName, signature, serverSignature, targetAppName } : undefined;
}

function setOf(buf: Buffer, at: number, end: number): number {
  let hash = 0;
  for (let i = Math.min(at + NAME_AT, end), to = Math.min(i + NAME_LENGTH, end); i < to; i += 3)
    hash = (Math.imul(hash, 31) + buf[i]) | 0;
  return (hash ^ (hash >>> 9)) & (SETS - 1);
}
