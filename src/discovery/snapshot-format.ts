import { type Endpoint, endpointOf } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';

/** What a registry told of a service. */
export interface RememberedList {
  /** Milliseconds since 1970. */
  readonly toldAt: number;
  readonly endpoints: readonly Endpoint[];
}

/** One for each registry of a service, in their order; undefined where a registry has told nothing yet. */
export type RememberedLists = readonly (RememberedList | undefined)[];

/** What a snapshot is about. It says so itself, for a file may be copied and renamed. */
export interface Subject {
  readonly service: string;
  /** Names without passwords. */
  readonly registries: readonly string[];
}

/** Says of a file that it is ours, and how to read it: what is written otherwise gets another number. */
const FORMAT = 'sofa-mesh-sdk snapshot 1';

/** A snapshot as text. */
export function formatSnapshot(lists: RememberedLists, subject: Subject, savedAt: number): string {
  return JSON.stringify({
    format: FORMAT,
    savedAt: dateOf(savedAt),
    service: subject.service,
    registries: subject.registries,
    lists: lists.map((list) =>
      list === undefined
        ? null
        : {
            toldAt: dateOf(list.toldAt),
            endpoints: list.endpoints.map(({ host, port, attributes }) => ({ host, port, attributes })),
          },
    ),
  });
}

/** @throws MeshError DECODE_FAILED for a text that is torn, foreign, or about something else. */
export function parseSnapshot(text: string, subject: Subject): RememberedLists {
  const file = recordOf(parsed(text));
  if (file.format !== FORMAT) throw unusable(`it is not of the format "${FORMAT}"`);
  const { service, registries } = file;
  if (JSON.stringify([service, registries]) !== JSON.stringify([subject.service, subject.registries]))
    throw unusable('it is about another service or other registries');
  return listOf(file.lists).map((list) => (list === null ? undefined : rememberedOf(recordOf(list))));
}

function rememberedOf(list: Record<string, unknown>): RememberedList {
  const toldAt = Date.parse(String(list.toldAt));
  if (Number.isNaN(toldAt)) throw unusable('a date in it is none');
  return { toldAt, endpoints: listOf(list.endpoints).map((endpoint) => readEndpoint(recordOf(endpoint))) };
}

function readEndpoint({ host, port, attributes }: Record<string, unknown>): Endpoint {
  const texts = Object.entries(recordOf(attributes));
  if (typeof host !== 'string' || typeof port !== 'number' || !texts.every(isText))
    throw unusable('an endpoint in it is none');
  return endpointOf(host, port, Object.fromEntries(texts));
}

function isText(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable('it is not JSON, or only a part of it', cause);
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unusable('an object in it is none');
  return value as Record<string, unknown>;
}

function listOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw unusable('a list in it is none');
  return value;
}

function unusable(why: string, cause?: unknown): MeshError {
  return new MeshError('DECODE_FAILED', why, { cause });
}

function dateOf(wallTime: number): string {
  return new Date(wallTime).toISOString();
}
