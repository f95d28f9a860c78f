import { type ErrorCode, MeshError } from '../core/errors.js';

/** Longest path in a message; of a longer one, which an attacker may make, the middle is left out. */
const MAX_PATH = 300;

/**
 * A value that cannot be written or bytes that cannot be read. It travels up through the composite codecs, each of
 * which puts its own step in front of the path, so that paths cost nothing while all is well.
 */
export class CodecFault extends MeshError {
  private at = '';

  constructor(
    code: Extract<ErrorCode, 'ENCODE_FAILED' | 'DECODE_FAILED'>,
    private readonly fault: string,
  ) {
    super(code, code === 'DECODE_FAILED' ? `$: ${fault}` : fault);
    // The two are parts of the message: a log that expands the error need not show them again.
    Object.defineProperty(this, 'at', { enumerable: false });
    Object.defineProperty(this, 'fault', { enumerable: false });
  }

  /** Puts `step` (`.name`, `[3]`, `args[0]`) in front of the path. */
  within(step: string): void {
    this.at = step + this.at;
    if (this.at.length > MAX_PATH)
      this.at = `${this.at.slice(0, MAX_PATH / 2)}...${this.at.slice(-MAX_PATH / 2)}`;
    if (this.code === 'DECODE_FAILED') this.message = `$${this.at}: ${this.fault}`;
    else this.message = `${this.at.startsWith('.') ? this.at.slice(1) : this.at}: ${this.fault}`;
  }
}

/** Adds a step to the path of a codec fault; anything else is returned untouched. */
export function within(error: unknown, step: string): unknown {
  if (error instanceof CodecFault) error.within(step);
  return error;
}

export function encodeFault(reason: string): CodecFault {
  return new CodecFault('ENCODE_FAILED', reason);
}

export function decodeFault(reason: string): CodecFault {
  return new CodecFault('DECODE_FAILED', reason);
}
