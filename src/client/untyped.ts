import { LRUCache } from 'lru-cache';
import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import { MeshError } from '../core/errors.js';
import { javaTypeOf } from '../values/java.js';
import type { SchemaNode } from '../values/schema.js';

const KEPT_METHODS = 1_000;
const SERVICE_ID = /^[\w.$]+:[^:\s]+(?::[^:\s]+)?$/;

/** A method as an untyped call tells of it, in the form that contracts have. */
export interface UntypedMethod {
  readonly service: ServiceContract;
  readonly method: MethodContract;
}

/** Contracts of untyped calls, one for each service, method and list of argument types; the least used are forgotten. */
export class UntypedMethods<T extends object> {
  private readonly known = new LRUCache<string, T>({ max: KEPT_METHODS });

  constructor(private readonly make: (untyped: UntypedMethod) => T) {}

  /** @throws MeshError INVALID_ARGUMENT for a service id that is not `interface:version[:uniqueId]`, or an argument without a Java type. */
  get(serviceId: string, methodName: string, args: readonly unknown[], oneway: boolean): T {
    const types = args.map(typeOf);
    const key = `${serviceId}#${methodName}(${types})${oneway ? ' oneway' : ''}`;
    let known = this.known.get(key);
    if (known === undefined) {
      known = this.make(untypedMethod(serviceId, methodName, types, oneway));
      this.known.set(key, known);
    }
    return known;
  }
}

function typeOf(arg: unknown, index: number): string {
  try {
    return javaTypeOf(arg);
  } catch (error) {
    throw new MeshError('INVALID_ARGUMENT', `args[${index}]: ${(error as Error).message}`, { cause: error });
  }
}

function untypedMethod(
  serviceId: string,
  name: string,
  types: readonly string[],
  oneway: boolean,
): UntypedMethod {
  if (!SERVICE_ID.test(serviceId)) {
    throw new MeshError(
      'INVALID_ARGUMENT',
      `service ${JSON.stringify(serviceId)} is not of the form interface:version, as in com.acme.PersonService:1.0`,
    );
  }
  const [interfaceName, version, uniqueId] = serviceId.split(':');
  const any = (javaName: string): SchemaNode => ({ kind: 'any', javaName, nullable: true });
  const method: MethodContract = {
    key: name,
    name,
    args: types.map(any),
    returns: any('java.lang.Object'),
    throws: [],
    idempotent: false,
    oneway,
  };
  const methods = { [name]: method };
  const service = {
    id: serviceId,
    interfaceName,
    version,
    uniqueId,
    methods,
    grammar: 'sofa',
    serialization: 'hessian2',
  };
  return { service: service as unknown as ServiceContract, method };
}
