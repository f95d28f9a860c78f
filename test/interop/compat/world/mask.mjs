// Takes out of texts and numbers what differs from run to run: ports, pids, addresses of this machine, times.
import { networkInterfaces } from 'node:os';

const DAY_MS = 86_400_000;

/** The addresses by which others reach this machine. */
const ADDRESSES = Object.values(networkInterfaces()).flatMap((list) =>
  (list ?? []).filter(({ internal }) => !internal).map(({ address }) => address),
);

/** @type {readonly [RegExp, string][]} */
const PATTERNS = [
  [/no response in \d+ms/g, 'no response in <n>ms'],
  [/spends \d+\(ms\)/g, 'spends <n>(ms)'],
  [/\brt: \d+/g, 'rt: <n>'],
  [/\bavg rt : \d+ms/g, 'avg rt : <n>ms'],
  [/(startTime(?:=|%3D))\d+/gi, '$1<time>'],
  [/(pid(?:=|%3D))\d+/gi, '$1<pid>'],
  [/\/compat-\d+-\d+\b/g, '/<root>'],
  [/\b1[6-9]\d{11}\b/g, '<time>'],
  // Ports that the system gives to outgoing connections.
  [
    /((?:127\.0\.0\.1|localhost|<ip>):)(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[4-6]\d{4})\b/g,
    '$1<port>',
  ],
];

export class Mask {
  /** @type {Map<number, string>} */
  #ports = new Map();

  /** Gives a port its name: <P1>, <P2> .. @param {number} port */
  port(port) {
    if (!this.#ports.has(port)) this.#ports.set(port, `<P${this.#ports.size + 1}>`);
  }

  /** @param {string} text */
  text(text) {
    for (const [port, name] of this.#ports)
      text = text.replace(new RegExp(`(?<![\\d.])${port}(?![\\d.])`, 'g'), name);
    for (const address of ADDRESSES) text = text.replaceAll(address, '<ip>');
    for (const [pattern, replacement] of PATTERNS) text = text.replace(pattern, replacement);
    return text;
  }

  /** @param {number} number @returns {number | string} */
  number(number) {
    const port = this.#ports.get(number);
    if (port !== undefined) return port;
    return Math.abs(number - Date.now()) < DAY_MS ? '<time>' : number;
  }
}
