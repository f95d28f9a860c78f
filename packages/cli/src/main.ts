#!/usr/bin/env node
import { createInterface } from 'node:readline';
import { main } from './cli.js';

main(process.argv.slice(2), {
  // Made on first use: an open input would keep the process alive.
  stdin: { [Symbol.asyncIterator]: () => createInterface({ input: process.stdin })[Symbol.asyncIterator]() },
  stdout: (line) => process.stdout.write(`${line}\n`),
  stderr: (line) => process.stderr.write(`${line}\n`),
}).then((exitCode) => {
  process.exitCode = exitCode;
});
