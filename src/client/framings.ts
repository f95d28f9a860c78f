import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import type { ClientFraming, ClientFramingEnv, Framing } from '../framing/framing.js';

/** The framings of one client: by the scheme of its endpoints, each with the client's half of it. */
export class ClientFramings {
  private readonly byName: ReadonlyMap<string, Framing>;
  private readonly halves = new Map<Framing, ClientFraming>();

  /** Of two with the same name, the last one counts. @param framings the first is that of endpoints without a scheme. */
  constructor(
    private readonly framings: readonly [Framing, ...Framing[]],
    private readonly env: ClientFramingEnv,
  ) {
    this.byName = new Map(framings.map((framing) => [framing.name, framing]));
  }

  /** The schemes of addresses. */
  get names(): readonly string[] {
    return [...this.byName.keys()];
  }

  /** That of endpoints without a scheme. */
  get default(): Framing {
    return this.byName.get(this.framings[0].name) as Framing;
  }

  /** What an endpoint speaks. @throws MeshError INVALID_ARGUMENT for a scheme that no framing has. */
  of({ scheme, address }: Endpoint): Framing {
    if (scheme === undefined) return this.default;
    const framing = this.byName.get(scheme);
    if (framing !== undefined) return framing;
    const names = this.names.join(', ');
    throw new MeshError(
      'INVALID_ARGUMENT',
      `${address} speaks ${scheme}, this client ${names}: pass its framing in the option framings`,
      { endpoint: address },
    );
  }

  /** The client's half of a framing: one, however many connections speak it. */
  half(framing: Framing): ClientFraming {
    let half = this.halves.get(framing);
    if (half === undefined) {
      half = framing.client(this.env);
      this.halves.set(framing, half);
    }
    return half;
  }
}
