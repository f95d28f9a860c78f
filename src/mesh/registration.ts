import { registryBackoffMs } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { reasonOf } from '../core/reason.js';
import { type FailedTry, Reconciler } from '../core/reconciler.js';
import { type FailureLog, FailureReporter } from '../discovery/failure-reporter.js';

export interface RegistrationEnv {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: FailureLog;
  /** The sidecar, for messages. */
  readonly name: string;
  /** What the sidecar was told, or what came of it, is another one now. */
  readonly onChange: () => void;
  /** It answered that it does not know the application. */
  readonly onForgotten: () => void;
}

/** One service, and how the sidecar is told of it. */
export interface Registered<T> {
  readonly service: string;
  readonly operation: 'publish' | 'watch';
  /** Asks the sidecar for it, and resolves to what it answered. */
  readonly tell: () => Promise<T>;
  readonly takeBack: () => Promise<void>;
}

const TELL = {
  publish: ['announce', 'whoever calls through it does not find this server'],
  watch: ['subscribe', 'its calls do not go through it'],
};
const TAKE_BACK = ['take back', 'it keeps what it knows of it'];

/** Something that the sidecar is told for as long as it is wanted: again after a failure, and again when it was restarted. */
export class Registration<T> extends Reconciler<T> {
  private readonly reporter: FailureReporter;

  constructor(
    private readonly env: RegistrationEnv,
    private readonly registered: Registered<T>,
  ) {
    super({
      clock: env.clock,
      apply: registered.tell,
      revert: registered.takeBack,
      // It refuses to take back what it does not know.
      leaves: (error, isRevert) => !isRefusal(error) && (isRevert || !(MeshError.is(error) && !error.sent)),
      retryMs: (failures) => registryBackoffMs(failures, env.random),
      onTryFailed: (error) => {
        if (isRefusal(error) && reasonOf(error).includes('/configs/application')) env.onForgotten();
      },
      onFailed: (failed) => this.report(failed),
      onRecovered: () => this.reporter.recovered(),
      onSettled: env.onChange,
    });
    const { service, operation } = registered;
    this.reporter = new FailureReporter({ registry: env.name, service, operation }, env.log);
  }

  /** Why the last try failed, in words. */
  get failure(): string | undefined {
    return this.error === undefined ? undefined : reasonOf(this.error);
  }

  private report({ error, failures, retryInMs = 0, isRevert }: FailedTry): void {
    const { service, operation } = this.registered;
    // A first announcement that fails is its caller's to repeat, and to tell of.
    if (operation === 'publish' && !this.wasEverMade) return;
    const [what, consequence] = isRevert ? TAKE_BACK : TELL[operation];
    const failure = { reason: reasonOf(error), failures, retryInMs };
    this.reporter.failed(failure, `cannot ${what} ${service} at ${this.env.name}`, consequence);
  }
}

function isRefusal(error: unknown): error is MeshError {
  return MeshError.is(error) && error.code === 'REMOTE_FAILURE';
}
