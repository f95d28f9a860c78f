import { STATUS_BUSY, STATUS_CONNECTION_CLOSED, STATUS_TIMEOUT } from '../../bolt/frame.js';

const TEXTS = new Map([
  [STATUS_TIMEOUT, 'Invoke timeout when invoke with callback.'],
  [STATUS_CONNECTION_CLOSED, 'Connection closed when invoke with callback.'],
  [STATUS_BUSY, 'Server thread pool busy when invoke with callback.'],
]);

/** What a status says where the response does not. */
export function statusText(status: number): string {
  return TEXTS.get(status) ?? `Exception caught in invocation. responseStatus: ${status}`;
}
