import { once } from 'node:events';
import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { Deferred } from '../../src/core/deferred.js';
import { localName, meetingOf } from '../../src/server/local-name.js';

let count = 0;
const unique = () => `sofa-mesh-sdk-test-${process.pid}-${++count}`;

/** A Unix socket is a file everywhere but on Linux; the code for both runs here. */
const platforms = [['linux'], ['darwin']] as const;

test.runIf(process.platform === 'linux').each(platforms)(
  'one holds a name, the others connect to it; closed, it is free (%s)',
  async (platform) => {
    const name = unique();
    const [one, two] = [localName(name, platform), localName(name, platform)];
    expect(await two.connect()).toBeUndefined();
    const accepted = new Deferred<Duplex>();
    const hold = await one.hold(accepted.resolve);
    expect(hold).toBeDefined();
    expect(await two.hold(() => undefined)).toBeUndefined();
    const stream = (await two.connect()) as Duplex;
    stream.write('hello');
    const [data] = await once(await accepted.promise, 'data');
    expect(String(data)).toBe('hello');
    hold?.close();
    expect(await two.connect()).toBeUndefined();
    const next = await two.hold(() => undefined);
    expect(next).toBeDefined();
    next?.close();
    stream.destroy();
  },
);

test.runIf(process.platform === 'linux')(
  'the file of a process that was killed is no hindrance, where names are files',
  async () => {
    const name = unique();
    const path = join(tmpdir(), `${name}.sock`);
    // A socket that nobody listens on any more: as Node removes the file of one that it closes, it is bound elsewhere first.
    const server = createServer().listen(`${path}.tmp`);
    await once(server, 'listening');
    linkSync(`${path}.tmp`, path);
    server.close();
    await once(server, 'close');
    expect(existsSync(path)).toBe(true);
    const next = localName(name, 'darwin');
    expect(await next.hold(() => undefined)).toBeUndefined();
    expect(await next.connect()).toBeUndefined();
    const hold = await next.hold(() => undefined);
    expect(hold).toBeDefined();
    hold?.close();
  },
);

test.runIf(process.platform === 'linux')(
  'a name that cannot be is an error, not one that is taken',
  async () => {
    const blocked = unique();
    writeFileSync(join(tmpdir(), blocked), '');
    onTestFinished(() => rmSync(join(tmpdir(), blocked)));
    await expect(localName(`${blocked}/inside`, 'darwin').hold(() => undefined)).rejects.toThrow(
      /ENOTDIR|EACCES/,
    );
  },
);

test('a process that is no worker of node:cluster meets nobody', () => {
  expect(meetingOf({ host: '127.0.0.1', port: 12_200 })).toBeUndefined();
});
