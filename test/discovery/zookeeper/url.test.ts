import { expect, test } from 'vitest';
import { parseZookeeperUrl } from '../../../src/discovery/zookeeper/url.js';

test('one server and the defaults', () => {
  expect(parseZookeeperUrl('zookeeper://zk1')).toEqual({
    servers: [{ host: 'zk1', port: 2181 }],
    chroot: '',
    sessionTimeoutMs: 30_000,
    connectTimeoutMs: 3_000,
    digest: undefined,
    name: 'zookeeper://zk1',
  });
});

test('an ensemble, a root, and every option', () => {
  const url =
    'ZooKeeper://zk1:2182,[::1]:2183, zk3/apps/rpc/?sessionTimeoutMs=60000&connectTimeoutMs=500&auth=digest:mesh:p%26%3A+w';
  expect(parseZookeeperUrl(url)).toEqual({
    servers: [
      { host: 'zk1', port: 2182 },
      { host: '::1', port: 2183 },
      { host: 'zk3', port: 2181 },
    ],
    chroot: '/apps/rpc',
    sessionTimeoutMs: 60_000,
    connectTimeoutMs: 500,
    digest: 'mesh:p&:+w',
    name: 'ZooKeeper://zk1:2182,[::1]:2183, zk3/apps/rpc/',
  });
});

test('a slash alone is no root', () => {
  expect(parseZookeeperUrl('zookeeper://zk1:2181/').chroot).toBe('');
});

test.each([
  ['zk1:2181', /not a URL of this form/],
  ['http://zk1:2181', /not a URL of this form/],
  ['zookeeper://zk1#part', /not a URL of this form/],
  ['zookeeper://', /"" is not host:port/],
  ['zookeeper://zk1,,zk2', /"" is not host:port/],
  ['zookeeper://zk1:port', /"zk1:port" is not host:port/],
  ['zookeeper://zk1:0', /"zk1:0" is not host:port/],
  ['zookeeper://zk1:65536', /"zk1:65536" is not host:port/],
  ['zookeeper://fe80::1', /"fe80::1" is not host:port/],
  ['zookeeper://zk1/a//b', /empty name or dots/],
  ['zookeeper://zk1/a/../b', /empty name or dots/],
  ['zookeeper://zk1/.', /empty name or dots/],
  [
    'zookeeper://zk1?timeout=3',
    /"timeout" is not an option; there are sessionTimeoutMs, connectTimeoutMs, auth/,
  ],
  ['zookeeper://zk1?sessionTimeoutMs=30s', /sessionTimeoutMs takes whole milliseconds/],
  ['zookeeper://zk1?sessionTimeoutMs=2147483648', /sessionTimeoutMs takes whole milliseconds/],
  ['zookeeper://zk1?connectTimeoutMs=0', /connectTimeoutMs takes whole milliseconds/],
  ['zookeeper://zk1?connectTimeoutMs=1e3', /connectTimeoutMs takes whole milliseconds/],
  ['zookeeper://zk1?auth=mesh:secret', /auth is not of the form digest:user:password/],
  ['zookeeper://zk1?auth=digest:secret', /auth is not of the form digest:user:password/],
  ['zookeeper://mesh:secret@zk1', /auth=digest:user:password/],
  ['zookeeper://mesh:secret@zk1/a//b', /auth=digest:user:password/],
  ['mesh:secret@zk1', /not a URL of this form/],
])('%s is refused with the reason', (url, reason) => {
  expect(() => parseZookeeperUrl(url)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(reason) }),
  );
});

test.each([
  'zookeeper://mesh:secret@zk1',
  'zookeeper://me/sh:secret@zk1',
  'zookeeper://me?sh:secret@zk1',
  'zookeeper://zk1/a//b?auth=digest:mesh:secret',
  'zookeeper://zk1?auth=secret',
  'zookeeper://zk1?auth=digest:mesh:secret&bad=1',
  'zookeeper://zk1#?auth=digest:mesh:secret',
  'mesh:secret@zk1',
])('what is said of %s does not show the password', (url) => {
  expect(() => parseZookeeperUrl(url)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') }),
  );
});
