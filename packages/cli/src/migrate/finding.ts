import type { Place } from './text-file.js';

/** What a person has to look at, by what it is about. */
export type Topic =
  /** The old package's own files, which nothing stands in for. */
  | 'deep-import'
  /** A module whose name is made up at run time. */
  | 'computed-import'
  /** The old name in a place that is not known to load anything. */
  | 'name'
  /** Types that the app declared for a package that had none. */
  | 'types'
  | 'alias'
  | 'dependency'
  | 'egg-plugin'
  | 'grpc'
  | 'uncaught'
  | 'scheduler'
  | 'internals'
  | 'protocol'
  | 'zookeeper'
  | 'generator'
  | 'unique-id'
  /** A file that cannot be read as text, or not be written. */
  | 'file';

export interface Finding extends Place {
  readonly topic: Topic;
  /** Why, and what to do. */
  readonly message: string;
  /** What to write, line by line, where that is known. */
  readonly lines?: readonly string[];
}
