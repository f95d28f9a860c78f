import type { Finding } from '../finding.js';
import type { Source } from '../source.js';

const PROCESS_HANDLER =
  'each RpcServer of sofa-rpc-node added a handler of its own for uncaught exceptions, which withdrew the services and ended the process; compat adds none, so that this one alone decides: close the servers and end the process here';
const OVERRIDDEN =
  'compat has no handler for uncaught exceptions, so that nothing calls _handleUncaughtError: call it, and server.close(), from one of the app';
const GRACEFUL =
  "'graceful' was told of the servers by sofa-rpc-node, and is not by compat: pass it server.close() in a handler of the app";
const OPTION = 'has no effect: it was for the handler of uncaught exceptions, which compat does not add';

/** What relied on the handlers for uncaught exceptions that the old server put into the process. */
export function* uncaught(source: Source): Iterable<Finding> {
  const { code } = source;
  const found = (at: number, message: string): Finding => ({
    ...source.place(at),
    topic: 'uncaught',
    message,
  });
  for (let at = 0; at < code.tokens.length; at++) {
    if (code.stringAt(at) === 'uncaughtException' && isListening(source, at))
      yield found(at, PROCESS_HANDLER);
    else if (code.isName(at, '_handleUncaughtError')) yield found(at, OVERRIDDEN);
    else if (code.stringAt(at) === 'graceful' && source.usesOld && isModule(source, at))
      yield found(at, GRACEFUL);
    else if (code.isName(at, 'serverGracefulIgnoreCode'))
      yield found(at, `serverGracefulIgnoreCode ${OPTION}`);
  }
}

/** process.on('uncaughtException', .. */
function isListening({ code }: Source, at: number): boolean {
  return (
    code.isPunctuator(at - 1, '(') &&
    /^(?:on|once|addListener|prependListener|prependOnceListener)$/.test(code.text(at - 2)) &&
    code.isName(at - 4, 'process')
  );
}

function isModule({ specifiers }: Source, at: number): boolean {
  return specifiers.some((specifier) => specifier.at === at && specifier.use === 'module');
}
