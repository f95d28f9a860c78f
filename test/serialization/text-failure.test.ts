import { expect, test } from 'vitest';
import { failureOfText } from '../../src/serialization/text-failure.js';

test.each([
  'RPC-019990009: RPC server stopped: [10.0.0.1:12200]',
  'RPC-019990009: Sofa服务器已停止运行：[10.0.0.1:12200]',
])('a server that was stopped has not run the call: %s', (text) => {
  expect(failureOfText(text)).toMatchObject({
    code: 'SHUTTING_DOWN',
    retry: 'safe',
    sent: true,
    message: text,
  });
});

test.each(['RPC-020100010: RPC cannot find service: [a]', 'RPC-020100011: Cannot find invoke method'])(
  'an unknown service or method: %s',
  (text) => {
    expect(failureOfText(text)).toMatchObject({ code: 'METHOD_NOT_FOUND', retry: 'never' });
  },
);

test('anything else is an exception of the other side', () => {
  expect(failureOfText('RPC-0199900099: no')).toMatchObject({ code: 'REMOTE_FAILURE', retry: 'never' });
});
