import { ignorePathFault } from '../comparison/ignore-paths.js';
import { MeshError } from '../core/errors.js';
import { MODES, type Mode } from './mode.js';
import { flag, keyed, listOf, numberFrom, oneOf, shape, textThat, wholeNumberFrom } from './policy-checks.js';
import { parseJson } from './policy-json.js';

/**
 * When a service's share of calls through the sidecar falls back to 0 by itself. At least one of `errorRatio` and `p99Ms`
 * is needed.
 */
export interface GuardRule {
  /** By how much the sidecar path's share of failed calls may exceed the direct path's, 0 to 1. Default: not looked at. */
  errorRatio?: number;
  /** Milliseconds that 99 % of the calls through the sidecar have to keep to, where the direct path does. Default: not looked at. */
  p99Ms?: number;
  /** Calls through the sidecar, in the window, that it takes to judge. Default 200. */
  minCalls?: number;
  /** Milliseconds of the sliding window, 100 to 3,600,000. Default 10,000. */
  windowMs?: number;
}

/** Which calls also go down the other path, to see whether both paths answer alike. */
export interface CompareRule {
  /** Percent of the calls to idempotent methods, 0 to 100. */
  percent: number;
  /** Only these. Default: every method that is marked idempotent; others are never compared. */
  methods?: readonly string[];
  /** Parts of a result that may differ: `$.updatedAt`, `$.items[*].ts`. Default: none. */
  ignore?: readonly string[];
  /** Whether samples hold the values that differ, and not only where they are. Default false. */
  values?: boolean;
}

/** How the calls of one service go. */
export interface ServiceRule {
  /** Percent of the calls that go through the sidecar while there is one, 0 to 100, fractions too. Default 100. */
  mesh?: number;
  /** Where a call goes that the sidecar could not take: straight to a provider, or nowhere, and it fails. Default `direct`. */
  fallback?: 'direct' | 'none';
  /** Default: no guard. */
  guard?: GuardRule;
  /** Default: nothing is compared. */
  compare?: CompareRule;
}

/** How traffic is shared between the sidecar and direct connections. Plain data, as in a policy file. */
export interface PolicyDocument {
  /** Beats the client's option. Default: what the option or the environment says. */
  mode?: Mode;
  /**
   * By service id, `interface:version[:uniqueId]`. `*` is for every service without a rule of its own; a rule of its own
   * takes nothing from it.
   */
  services?: Readonly<Record<string, ServiceRule>>;
}

/** The key of the rule for every service without one of its own. */
export const ANY_SERVICE = '*';

/**
 * The document as plain, frozen data of its own, which no later change of the argument reaches.
 * @param source who says it, for the message: `code`, `the file ..`
 * @throws MeshError INVALID_ARGUMENT, naming every broken place.
 */
export function checkPolicy(document: unknown, source: string): PolicyDocument {
  const faults: string[] = [];
  policy(document, '', faults);
  if (faults.length > 0) throw refused(source, faults.join('; '));
  return JSON.parse(JSON.stringify(document), (_key, value) => Object.freeze(value));
}

/** The same for JSON text. @throws MeshError INVALID_ARGUMENT: the line and column where it is no JSON, or every broken place. */
export function parsePolicy(text: string, source: string): PolicyDocument {
  let document: unknown;
  try {
    // Some editors begin a file with a byte order mark.
    document = parseJson(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw refused(source, (error as Error).message, error);
  }
  return checkPolicy(document, source);
}

function refused(source: string, why: string, cause?: unknown): MeshError {
  return new MeshError('INVALID_ARGUMENT', `the policy from ${source} is refused: ${why}`, { cause });
}

const SERVICE_ID = /^[\p{L}\p{N}_.$]+:[^:\s]+(?::[^:\s]+)?$/u;

function serviceFault(key: string): string | undefined {
  if (key === ANY_SERVICE || SERVICE_ID.test(key)) return undefined;
  return `is no service id; write interface:version as in com.acme.PersonService:1.0, or ${ANY_SERVICE} for all others`;
}

const methodName = textThat((name) =>
  /^[\p{L}\p{N}_$]+$/u.test(name) ? undefined : 'is not the name of a method',
);

const ignorePath = textThat((path) => {
  const fault = ignorePathFault(path);
  return fault && `is not a path; ${fault}`;
});

const guard = shape(
  {
    errorRatio: numberFrom(0, 1),
    p99Ms: numberFrom(0.1, 3_600_000),
    minCalls: wholeNumberFrom(1, 1_000_000),
    windowMs: numberFrom(100, 3_600_000),
  },
  { anyOf: ['errorRatio', 'p99Ms'] },
);

const compare = shape(
  { percent: numberFrom(0, 100), methods: listOf(methodName), ignore: listOf(ignorePath), values: flag },
  { needs: ['percent'] },
);

const rule = shape({ mesh: numberFrom(0, 100), fallback: oneOf(['direct', 'none']), guard, compare });

const policy = shape({ mode: oneOf(MODES), services: keyed(serviceFault, rule) });
