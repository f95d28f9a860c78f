import { type ErrorCode, MeshError, type RetryAdvice } from '../core/errors.js';
import type { Hessian2Serializer } from '../serialization/hessian2.js';
import {
  className,
  classNameIs,
  type Frame,
  STATUS_BUSY,
  STATUS_CLIENT_SEND_ERROR,
  STATUS_CODEC_EXCEPTION,
  STATUS_CONNECTION_CLOSED,
  STATUS_ERROR,
  STATUS_ERROR_COMM,
  STATUS_NO_PROCESSOR,
  STATUS_SERVER_DESERIALIZE,
  STATUS_SERVER_EXCEPTION,
  STATUS_SERVER_SERIALIZE,
  STATUS_TIMEOUT,
  STATUS_UNKNOWN,
} from './frame.js';
import { SERVER_EXCEPTION_CLASS_PATTERN } from './names.js';

interface Meaning {
  readonly code: ErrorCode;
  readonly retry?: RetryAdvice;
  readonly text: string;
}

/** What a status other than success means to the caller. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  [STATUS_ERROR]: { code: 'REMOTE_FAILURE', text: 'the other side reports an error' },
  [STATUS_SERVER_EXCEPTION]: { code: 'REMOTE_FAILURE', text: 'the server failed before the method ran' },
  // MOSN answers so to every call in flight on an upstream connection that closed (facts of the sidecar).
  [STATUS_UNKNOWN]: {
    code: 'CONNECTION_LOST',
    text: 'the other side lost the connection that carried the call',
  },
  [STATUS_BUSY]: {
    code: 'OVERLOADED',
    text: 'the server is busy and did not run the call; try again later or elsewhere',
  },
  [STATUS_ERROR_COMM]: { code: 'CONNECTION_LOST', text: 'the other side could not pass the call on' },
  [STATUS_NO_PROCESSOR]: {
    code: 'NO_ENDPOINT',
    text: 'nobody there serves the service; check its id and that the provider is up',
  },
  [STATUS_TIMEOUT]: { code: 'DEADLINE_EXCEEDED', text: 'the other side gave the call up' },
  [STATUS_CLIENT_SEND_ERROR]: { code: 'CONNECTION_LOST', text: 'the other side could not pass the call on' },
  [STATUS_CODEC_EXCEPTION]: { code: 'REMOTE_FAILURE', text: 'the other side could not decode the frame' },
  [STATUS_CONNECTION_CLOSED]: {
    code: 'CONNECTION_LOST',
    text: 'the connection closed before the call was answered',
  },
  [STATUS_SERVER_SERIALIZE]: {
    code: 'REMOTE_FAILURE',
    text: 'the method ran, but the server could not encode its result',
  },
  [STATUS_SERVER_DESERIALIZE]: {
    code: 'REMOTE_FAILURE',
    text: 'the server could not decode the request; compare the contract with its classes',
  },
};

/** The error that a response with a status other than success stands for. */
export function failureOf(frame: Frame, hessian: Hessian2Serializer, service: string): MeshError {
  const { status } = frame;
  const meaning = MEANINGS[status] ?? { code: 'PROTOCOL_VIOLATION', text: 'an unknown status' };
  const detail = detailOf(frame, hessian);
  const message = `${service}: Bolt status ${status}: ${meaning.text}${detail === '' ? '' : ` (${detail})`}`;
  return new MeshError(meaning.code, message, { sent: true, retry: meaning.retry });
}

/** The message of the RpcServerException that Java puts into a failure; empty where there is none. */
function detailOf(frame: Frame, hessian: Hessian2Serializer): string {
  if (frame.contentEnd === frame.contentStart || !classNameIs(frame, SERVER_EXCEPTION_CLASS_PATTERN))
    return '';
  try {
    return hessian.readServerException(frame.buf, frame.contentStart, frame.contentEnd);
  } catch {
    return `its ${className(frame)} could not be read`;
  }
}
