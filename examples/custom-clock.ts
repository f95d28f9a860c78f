/** A clock of one's own: here one that runs a thousand times as fast. Run: npx tsx examples/custom-clock.ts */
import { type Clock, type Connect, MeshClient, MeshError, type Timer } from 'sofa-mesh-sdk';
import { duplexPair } from 'sofa-mesh-sdk/testing';

/**
 * Every timeout, backoff, heartbeat and measurement of a client or server goes by its clock. For tests there is FakeClock in
 * sofa-mesh-sdk/testing, which stands still until it is told to go on.
 */
class FastClock implements Clock {
  private readonly startedAt = performance.now();
  private readonly startedOn = Date.now();

  constructor(private readonly times: number) {}

  /** Monotonic milliseconds, since any start. */
  now(): number {
    return (performance.now() - this.startedAt) * this.times;
  }

  /** Milliseconds since 1970. */
  wallTime(): number {
    return this.startedOn + this.now();
  }

  schedule(run: () => void, ms: number): Timer {
    const handle = setTimeout(run, ms / this.times);
    const timer: Timer = {
      cancel: () => clearTimeout(handle),
      unref() {
        handle.unref();
        return timer;
      },
    };
    return timer;
  }
}

/** A provider that takes connections and says nothing. */
const connect: Connect = async () => duplexPair()[0];

const clock = new FastClock(1_000);
const registry = 'bolt://silent:12200';
const mesh = new MeshClient({ app: 'caller', mode: 'direct', registry, connect, clock });

const startedAt = clock.now();
await mesh.invoke('com.acme.GreetingService:1.0', 'greet', []).catch((error: unknown) => {
  if (MeshError.is(error)) console.log('failed  ', error.code);
});
// Not a minute of ours, but one of the client's: 3 s is what a call may take.
console.log('it took ', clock.now() - startedAt >= 3_000 ? 'three seconds of its time' : 'too little');
await mesh.close();
