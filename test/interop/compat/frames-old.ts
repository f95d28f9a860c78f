import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/* sofa-bolt-node as the bench installs it: what is compared is its bytes, and what it makes of bytes. */

const requireOld = createRequire(fileURLToPath(new URL('../../../bench/package.json', import.meta.url)));

export type Version = '3.0' | '4.0';

interface Compile {
  (info: object, version: string, classMap: object | undefined): unknown;
  setCache(cache: Map<unknown, unknown>): void;
  readonly classMapCacheOn: symbol;
}

interface OldProtocol {
  requestEncode(id: number, request: object, options: object): Buffer;
  responseEncode(id: number, response: object, options: object): Buffer;
  heartbeatEncode(id: number, heartbeat: object, options: object): Buffer;
  heartbeatAckEncode(id: number, options: object): Buffer;
  decode(frame: Buffer, options: object): unknown;
}

/** The whole package, as users have it. */
export const oldBolt = requireOld('sofa-bolt-node');
export const oldProtocol: OldProtocol = requireOld('sofa-bolt-node/lib/protocol');
const hessian: Record<'v3' | 'v4', { compile: Compile }> = requireOld('sofa-hessian-node');

/**
 * Chooses the version, and forgets what was compiled: it is kept by the names of the types, whatever class map they are
 * of, so that what is written depends on what was written before. The package has a switch that keeps it by class map.
 */
export function startOver(version: Version): void {
  oldBolt.setHessianVersion(version);
  const { compile } = version === '3.0' ? hessian.v3 : hessian.v4;
  compile.setCache(new Map([[compile.classMapCacheOn, true]]));
}

/** Compiles types ahead, each as it is declared and not as the first wrapper says that comes along. */
export function compileAhead(version: Version, types: readonly object[], classMap: object | undefined): void {
  const { compile } = version === '3.0' ? hessian.v3 : hessian.v4;
  for (const type of types) compile(structuredClone(type), '2.0', classMap);
}

/** The long package that sofa-bolt-node's users hold. */
export const Long: { fromBits(low: number, high: number, unsigned: boolean): object } = createRequire(
  requireOld.resolve('byte'),
)('long');
