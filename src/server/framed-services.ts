import type {
  Framing,
  Message,
  ServerFraming,
  ServerFramingEnv,
  ServiceFraming,
} from '../framing/framing.js';
import type { RequestSink, ServerConnection } from '../transport/server-connection.js';
import type { Hosted } from './hosted.js';

/** A service in one framing. */
export interface FramedService {
  readonly hosted: Hosted;
  readonly framed: ServiceFraming;
  readonly server: ServerFraming;
}

type Dispatch = (connection: ServerConnection, request: Message, services: FramedServices) => void;

/** What is served in one framing: the requests that come in it are looked up here. */
export class FramedServices implements RequestSink {
  readonly server: ServerFraming;
  private readonly services = new Map<string, FramedService>();
  /** Answers for what no service was added for; undefined where nobody does. */
  private others: FramedService | undefined;

  constructor(
    readonly framing: Framing,
    env: ServerFramingEnv,
    private readonly dispatch: Dispatch,
  ) {
    this.server = framing.server(env);
  }

  /** The service in this framing. @throws MeshError INVALID_ARGUMENT where its contract cannot be carried. */
  framed(hosted: Hosted): FramedService {
    const { server } = this;
    return { hosted, framed: hosted.on(server), server };
  }

  add(service: FramedService): void {
    this.services.set(service.hosted.id, service);
  }

  addForOthers(service: FramedService): void {
    this.others = service;
  }

  of(id: string | undefined): FramedService | undefined {
    return (id === undefined ? undefined : this.services.get(id)) ?? this.others;
  }

  onRequest(connection: ServerConnection, request: Message): void {
    this.dispatch(connection, request, this);
  }
}
