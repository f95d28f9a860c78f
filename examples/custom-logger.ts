/** Warnings in the application's own log. Run: npx tsx examples/custom-logger.ts */
import { type Logger, MeshClient, MeshError, type Resolver } from 'sofa-mesh-sdk';

/** All that the SDK asks of a logger is `warn`; one of an application's has more, and fits as it is. */
class JsonLines implements Logger {
  constructor(private readonly fields: Readonly<Record<string, string>>) {}

  warn(message: string): void {
    this.write('warn', message);
  }

  info(message: string): void {
    this.write('info', message);
  }

  private write(level: string, message: string): void {
    console.log(JSON.stringify({ level, ...this.fields, message }));
  }
}

/** A registry that is down. */
const registry: Resolver = {
  // biome-ignore lint/correctness/useYield: it has nothing to tell
  async *watch() {
    throw new Error('connect ECONNREFUSED 127.0.0.1:2181');
  },
};

const logger = new JsonLines({ app: 'caller' });
const mesh = new MeshClient({ app: 'caller', mode: 'direct', registry, logger });
logger.info('calls a service that nobody can find');
await mesh.invoke('com.acme.GreetingService:1.0', 'greet', [], { timeoutMs: 200 }).catch((error: unknown) => {
  if (MeshError.is(error)) logger.info(error.code);
});
await mesh.close();
