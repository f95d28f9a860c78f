import { expect, test } from 'vitest';
import { parseEndpoint } from '../../src/core/endpoint.js';
import { offered } from '../../src/testing/dev-instances.js';

test.each([
  ['an app and its sidecar, which counts', ['h:1?startTime=7', 'h:9?port=1&startTime=7'], ['h:9']],
  ['the sidecar first', ['h:9?port=1&startTime=7', 'h:1?startTime=7'], ['h:9']],
  ['the later start of the two', ['h:9?port=1&startTime=7', 'h:1?startTime=8'], ['h:1']],
  ['no start times', ['h:1', 'h:9?port=1'], ['h:9']],
  ['two apps', ['h:1?startTime=7', 'h:9?port=2&startTime=7'], ['h:1', 'h:9']],
  ['two hosts', ['h:1?startTime=7', 'i:9?port=1&startTime=7'], ['h:1', 'i:9']],
])('one instance is offered once: %s', (_case, listed, wanted) => {
  expect(offered(listed.map(parseEndpoint)).map(({ address }) => address)).toEqual(wanted);
});
