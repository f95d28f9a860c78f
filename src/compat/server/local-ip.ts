import { networkInterfaces } from 'node:os';

/** Interfaces are looked for by this name alone, then with the numbers 0 to 7. */
const FIRST_NAME = process.platform === 'darwin' ? 'en' : 'eth';
const NUMBERS = ['', 0, 1, 2, 3, 4, 5, 6, 7];

/**
 * The IPv4 address that is published where no option says one: that of the first Ethernet interface, else of any other one
 * that leads out of this machine, else 127.0.0.1.
 */
export function localIp(interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces()): string {
  const ethernet = NUMBERS.flatMap((number) => interfaces[`${FIRST_NAME}${number}`] ?? []);
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  const isIPv4 = ({ family }: { family: string }) => family === 'IPv4';
  const found = ethernet.find(isIPv4) ?? all.find((one) => isIPv4(one) && !one.address.startsWith('127.'));
  return found?.address ?? '127.0.0.1';
}
