import type { Finding } from '../finding.js';
import { serviceCallsOf } from '../service-calls.js';
import { textOf } from '../service-names.js';
import type { Source } from '../source.js';

const MESSAGE =
  'sofa-rpc-node ignored the uniqueId of a consumer; now it chooses the providers with that uniqueId, so see that there are some, or leave it out';

/** Consumers with a uniqueId, which takes effect from now on. */
export function* uniqueId(source: Source): Iterable<Finding> {
  for (const { role, args } of serviceCallsOf(source)) {
    const options = role === 'consumes' ? (source.objectAt(args[0] as number) ?? []) : [];
    const property = options.find(({ key }) => key === 'uniqueId');
    if (property === undefined || textOf(source, options, 'uniqueId') === '') continue;
    yield { ...source.place(property.keyAt), topic: 'unique-id', message: MESSAGE };
  }
}
