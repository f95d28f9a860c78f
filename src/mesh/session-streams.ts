import { MeshError } from '../core/errors.js';
import type { Connect } from '../transport/socket.js';

/** The streams of a session: when it ends, they end, whatever waits on them. */
export class SessionStreams {
  private readonly ends = new Set<() => void>();
  private reason: MeshError | undefined;

  constructor(private readonly inner: Connect) {}

  readonly connect: Connect = (endpoint, signal) =>
    new Promise((resolve, reject) => {
      if (this.reason !== undefined) {
        reject(this.reason);
        return;
      }
      const limit = new AbortController();
      const abandon = () => limit.abort(signal.reason);
      const end = () => {
        limit.abort(this.reason);
        reject(this.reason);
      };
      signal.addEventListener('abort', abandon, { once: true });
      if (signal.aborted) abandon();
      this.ends.add(end);
      this.inner(endpoint, limit.signal)
        .then((stream) => {
          if (limit.signal.aborted) {
            stream.destroy();
            throw limit.signal.reason;
          }
          const destroy = () => stream.destroy();
          this.ends.add(destroy);
          stream.once('close', () => this.ends.delete(destroy));
          return stream;
        })
        .then(resolve, reject)
        .finally(() => {
          this.ends.delete(end);
          signal.removeEventListener('abort', abandon);
        });
    });

  close(): void {
    this.reason = new MeshError('SHUTTING_DOWN', 'the session of the sidecar was closed');
    for (const end of [...this.ends]) end();
  }
}
