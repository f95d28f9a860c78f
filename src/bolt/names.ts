import { BytePattern } from '../core/byte-pattern.js';
import { RPC_SERVER_EXCEPTION } from '../serialization/hessian2.js';
import { DEADLINE_PROP } from '../serialization/sofa-props.js';

/** Class names and header keys of SOFARPC over Bolt (vectors, v1-call/*). */

export const REQUEST_CLASS = Buffer.from('com.alipay.sofa.rpc.core.request.SofaRequest');
export const RESPONSE_CLASS = Buffer.from('com.alipay.sofa.rpc.core.response.SofaResponse');
export const SERVER_EXCEPTION_CLASS = Buffer.from(RPC_SERVER_EXCEPTION);

export const REQUEST_CLASS_PATTERN = new BytePattern(REQUEST_CLASS);
export const SERVER_EXCEPTION_CLASS_PATTERN = new BytePattern(SERVER_EXCEPTION_CLASS);

/** Java and MOSN route by it, case-sensitively. Without it Java answers status 18. */
export const HEADER_SERVICE = 'service';
export const HEADER_TARGET_SERVICE = 'sofa_head_target_service';
export const HEADER_METHOD = 'sofa_head_method_name';
/** On a response whose content is what the method threw. */
export const HEADER_THROWN = 'sofa_head_response_error';

/** Milliseconds that are left to the caller, as text. */
export const HEADER_DEADLINE = DEADLINE_PROP;

/** Headers that say where a call goes and how long it may take: metadata must not contradict them. */
export const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  HEADER_SERVICE,
  HEADER_TARGET_SERVICE,
  HEADER_METHOD,
  HEADER_DEADLINE,
]);
