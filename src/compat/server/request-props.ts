import type { InboundProps } from '../../serialization/serializer.js';
import { addProps } from '../bolt/protobuf-body.js';

/** The properties of a request as a part of its metadata: what is text or number, flattened as Java does. */
export class RequestProps implements InboundProps {
  constructor(private readonly props: object) {}

  /** Nothing in them means anything to the core: an old server knew no deadline among them. */
  mention(): boolean {
    return false;
  }

  read(): readonly string[] {
    const texts: Record<string, string> = Object.create(null);
    addProps('', this.props, texts);
    return Object.entries(texts).flat();
  }
}
