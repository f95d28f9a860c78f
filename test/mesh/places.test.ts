import { expect, test } from 'vitest';
import { type PlacesOptions, placesOf } from '../../src/mesh/places.js';

function at(options: PlacesOptions = {}, env: Record<string, string> = {}) {
  const { api, egress } = placesOf(options, env);
  return [api.address, egress.address];
}

test('a sidecar is looked for where MOSN is by custom', () => {
  const places = placesOf({}, {});
  expect(places.api).toEqual({ host: '127.0.0.1', port: 13330, address: '127.0.0.1:13330', attributes: {} });
  expect(places.egress).toEqual({
    host: '127.0.0.1',
    port: 12220,
    address: '127.0.0.1:12220',
    attributes: {},
  });
  expect(places.egressIsGiven).toBe(false);
  expect(places.isDisabled).toBe(false);
  expect(places.reasons).toEqual(['api 127.0.0.1:13330: the default', 'egress 127.0.0.1:12220: the default']);
});

test('options come before our own variables, those before the ports of MOSN', () => {
  const mosn = { MOSN_REGISTRY_PORT: '7001', MOSN_EGRESS_PORT: '7002' };
  const ours = { ...mosn, SOFA_MESH_API: '10.0.0.2:8001', SOFA_MESH_EGRESS: '10.0.0.3:8002' };
  const options = { api: '10.0.0.4:9001', egress: '10.0.0.5:9002' };

  const byMosn = placesOf({}, mosn);
  expect(byMosn.reasons).toEqual([
    'api 127.0.0.1:7001: MOSN_REGISTRY_PORT',
    'egress 127.0.0.1:7002: MOSN_EGRESS_PORT',
  ]);
  expect(byMosn.egressIsGiven).toBe(true);

  const byOurs = placesOf({}, ours);
  expect(byOurs.reasons).toEqual([
    'api 10.0.0.2:8001: SOFA_MESH_API',
    'egress 10.0.0.3:8002: SOFA_MESH_EGRESS',
  ]);
  expect(byOurs.egressIsGiven).toBe(true);

  const byOptions = placesOf(options, ours);
  expect(byOptions.reasons).toEqual(['api 10.0.0.4:9001: option api', 'egress 10.0.0.5:9002: option egress']);
  expect(byOptions.egressIsGiven).toBe(true);
});

test('where only the API is named, the egress is on its host', () => {
  expect(at({ api: '10.0.0.4:9001' })).toEqual(['10.0.0.4:9001', '10.0.0.4:12220']);
  expect(at({}, { SOFA_MESH_API: '[::1]:9001' })).toEqual(['[::1]:9001', '[::1]:12220']);
  expect(at({ api: '10.0.0.4:9001' }, { SOFA_MESH_EGRESS: '10.0.0.3:8002' })[1]).toBe('10.0.0.3:8002');
  const withPort = placesOf({ api: '10.0.0.4:9001' }, { MOSN_EGRESS_PORT: '7002' });
  expect(withPort.reasons[1]).toBe("egress 10.0.0.4:7002: the api's host, MOSN_EGRESS_PORT");
  const without = placesOf({ api: '10.0.0.4:9001' }, {});
  expect(without.reasons[1]).toBe("egress 10.0.0.4:12220: the api's host, the default port");
  expect(without.egressIsGiven).toBe(false);
});

test('a port of MOSN alone does not move the other one', () => {
  expect(at({}, { MOSN_REGISTRY_PORT: '7001' })).toEqual(['127.0.0.1:7001', '127.0.0.1:12220']);
  expect(at({}, { MOSN_EGRESS_PORT: '7002' })).toEqual(['127.0.0.1:13330', '127.0.0.1:7002']);
});

test('Unix sockets are written with their path, and connected to by it', () => {
  const places = placesOf({ api: 'unix:/run/mosn/api.sock', egress: 'unix:/run/mosn/egress.sock' }, {});
  expect(places.api).toEqual({
    host: '/run/mosn/api.sock',
    port: 0,
    address: 'unix:/run/mosn/api.sock',
    attributes: {},
  });
  expect(places.egress.host).toBe('/run/mosn/egress.sock');
  expect(at({ api: 'unix:/run/api.sock' })).toEqual(['unix:/run/api.sock', '127.0.0.1:12220']);
});

test('MOSN_ENABLE switches the search off, unless an address is given', () => {
  for (const value of ['false', '0', 'no', 'off', ' OFF ']) {
    expect(placesOf({}, { MOSN_ENABLE: value, MOSN_EGRESS_PORT: '7002' }).isDisabled, value).toBe(true);
  }
  for (const value of ['true', '1', 'yes', 'on', '']) {
    expect(placesOf({}, { MOSN_ENABLE: value }).isDisabled, value).toBe(false);
  }
  expect(placesOf({}, { MOSN_ENABLE: 'false' }).reasons).toContain(
    'MOSN_ENABLE is false: no sidecar is looked for',
  );
  const given = [
    placesOf({ api: '127.0.0.1:1' }, { MOSN_ENABLE: 'no' }),
    placesOf({ egress: '127.0.0.1:1' }, { MOSN_ENABLE: 'no' }),
    placesOf({}, { MOSN_ENABLE: 'no', SOFA_MESH_API: '127.0.0.1:1' }),
    placesOf({}, { MOSN_ENABLE: 'no', SOFA_MESH_EGRESS: '127.0.0.1:1' }),
  ];
  for (const { isDisabled, reasons } of given) {
    expect(isDisabled).toBe(false);
    expect(reasons).toContain('MOSN_ENABLE is no: but an address is given, so it is looked for');
  }
});

test('an empty variable says nothing', () => {
  const env = { SOFA_MESH_API: '', SOFA_MESH_EGRESS: ' ', MOSN_REGISTRY_PORT: '', MOSN_EGRESS_PORT: ' ' };
  expect(placesOf({}, env)).toEqual(placesOf({}, {}));
});

test('what is no address is refused with the name of what said it', () => {
  const addresses = [
    '127.0.0.1',
    '',
    ':13330',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    'mesh://h:1',
    '::1:1',
    'h:1/x',
  ];
  for (const address of [...addresses, 'unix:relative.sock', 'a b:1']) {
    expect(() => placesOf({ api: address }, {}), address).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(`option api is ${JSON.stringify(address)}, it must be host:port`),
      }),
    );
  }
  const broken: [PlacesOptions, Record<string, string>, string][] = [
    [{ egress: 'x' }, {}, 'option egress is "x", it must be host:port'],
    [{}, { SOFA_MESH_API: 'x' }, 'SOFA_MESH_API is "x", it must be host:port'],
    [{}, { SOFA_MESH_EGRESS: 'x' }, 'SOFA_MESH_EGRESS is "x", it must be host:port'],
    [{}, { MOSN_REGISTRY_PORT: '1e3' }, 'MOSN_REGISTRY_PORT is "1e3", it must be a port'],
    [{}, { MOSN_EGRESS_PORT: '70000' }, 'MOSN_EGRESS_PORT is "70000", it must be a port'],
    [{}, { MOSN_EGRESS_PORT: '0' }, 'MOSN_EGRESS_PORT is "0", it must be a port'],
  ];
  for (const [options, env, message] of broken) {
    expect(() => placesOf(options, env)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    );
  }
});
