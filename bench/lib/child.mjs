// The parent's side: starts a child, asks it, and never waits for ever.
import { fork, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** No command takes longer than this. */
const LIMIT_MS = 120_000;
const running = new Set();

/** Ends whatever is still running; for the way out after a failure. */
export const endAll = () => Promise.all([...running].map((child) => child.end()));

/** A Node process that runs `file` (a path below bench/) and answers through IPC. */
export function forkChild(file, args, execArgv = []) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = fork(path, args, {
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'json',
  });
  const asker = newAsker(`${file} ${args.join(' ')}`, child);
  let id = 0;
  const waiting = new Map();
  child.on('message', ({ id: answered, result, error }) => {
    const { resolve, reject } = waiting.get(answered);
    waiting.delete(answered);
    if (error) reject(new Error(`${asker.name}: ${error}`));
    else resolve(result);
  });
  return asker.wrap({
    send(command, details, resolve, reject) {
      waiting.set(++id, { resolve, reject });
      child.send({ id, command, ...details });
    },
    // It ends by itself when the channel closes.
    stop: () => child.connected && child.disconnect(),
  });
}

/** A JVM that answers lines on its standard input with "@@" and a line of JSON. */
export function spawnJvm(args) {
  const child = spawn('java', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const asker = newAsker(`java ${args.slice(-3).join(' ')}`, child);
  const waiting = [];
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('@@')) return;
    const answer = JSON.parse(line.slice(2));
    const { resolve, reject } = waiting.shift();
    if (answer.error) reject(new Error(`${asker.name}: ${answer.error}`));
    else resolve(answer);
  });
  return asker.wrap({
    send(line, _details, resolve, reject) {
      waiting.push({ resolve, reject });
      // The first answer comes unasked, when the JVM is ready.
      if (line) child.stdin.write(`${line}\n`);
    },
    stop: () => child.stdin.end(),
  });
}

function newAsker(name, child) {
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const failed = new Promise((_, reject) => child.once('error', reject));
  failed.catch(() => {});
  return {
    name,
    wrap({ send, stop }) {
      const self = {
        async ask(command, details = {}, limitMs = LIMIT_MS) {
          let timer;
          const late = new Promise((_, reject) => {
            timer = setTimeout(
              () => reject(new Error(`${name}: no answer to ${command} in ${limitMs} ms`)),
              limitMs,
            );
          });
          const gone = exited.then((how) => {
            throw new Error(`${name}: ended (${how}) while asked to ${command}`);
          });
          try {
            return await Promise.race([
              new Promise((resolve, reject) => send(command, details, resolve, reject)),
              late,
              gone,
              failed,
            ]);
          } finally {
            clearTimeout(timer);
            gone.catch(() => {});
          }
        },
        async end() {
          running.delete(self);
          stop();
          const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
          await Promise.race([exited, failed.catch(() => {})]);
          clearTimeout(timer);
        },
      };
      running.add(self);
      return self;
    },
  };
}
