import { createSocket } from 'node:dgram';
import { type Answer, decode, encode, type Question } from 'dns-packet';
import { onTestFinished } from 'vitest';

/** What is answered to `TYPE name`: records, the number of a failure (RFC 1035, 4.1.1), or nothing at all. */
type Zone = Record<string, readonly Answer[] | number>;

const NAME_ERROR = 3;

/** A name server on a port of this machine, until the test ends. It answers from `zone`, which a test may change. */
export async function dnsServer(zone: Zone): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  const socket = createSocket('udp4', (packet, from) => {
    const { id, questions = [] } = decode(packet);
    const { type, name } = questions[0] as Question;
    asked.push(`${type} ${name}`);
    const known = zone[`${type} ${name}`] ?? (has(zone, name) ? [] : NAME_ERROR);
    const isFailure = typeof known === 'number';
    const answer = encode({
      type: 'response',
      id,
      // The low four bits of the flags are the response code.
      flags: isFailure ? known : 0,
      questions,
      answers: isFailure ? [] : [...known],
    });
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    socket.close();
  });
  return { address: `127.0.0.1:${socket.address().port}`, asked };
}

/** The name is there, with records of another type. */
function has(zone: Zone, name: string): boolean {
  return Object.keys(zone).some((question) => question.endsWith(` ${name}`));
}
