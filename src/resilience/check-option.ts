import { MeshError } from '../core/errors.js';

/** @throws MeshError INVALID_ARGUMENT where a value is not what the option wants. */
export function checkOption(name: string, value: unknown, isValid: boolean, wanted: string): void {
  if (isValid) return;
  throw new MeshError('INVALID_ARGUMENT', `${name} is ${String(value)}, it must be ${wanted}`);
}
