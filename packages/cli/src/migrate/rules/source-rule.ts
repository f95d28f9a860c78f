import type { Finding } from '../finding.js';
import type { Source } from '../source.js';

/** Looks through a file for one thing that a person has to decide. */
export type SourceRule = (source: Source) => Iterable<Finding>;
