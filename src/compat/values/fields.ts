import { asInfo, type TypeInfo } from './class-map.js';
import type { Types, Write } from './types.js';

/** How a field of a class is written, and what is where the field is not set. */
export interface FieldPlan {
  readonly write: Write;
  readonly otherwise: (() => unknown) | undefined;
}

/** Works out a field of a class. `owner` is the class as it was asked for: its type arguments are the field's variables. */
export function fieldPlan(field: TypeInfo, owner: TypeInfo, types: Types): FieldPlan {
  const { defaultValue: _, ...declared } = field;
  return { write: types.of(resolved(declared, owner)), otherwise: defaultOf(field) };
}

function resolved(field: TypeInfo, owner: TypeInfo): TypeInfo {
  const { generic } = field;
  const own = Array.isArray(generic) ? { ...field, generic: withoutVariables(generic, owner) } : field;
  const { typeAliasIndex } = own;
  if (!Object.hasOwn(own, 'typeAliasIndex') || !Array.isArray(owner.generic)) return own;
  const argument = owner.generic[typeAliasIndex as number] as TypeInfo;
  return {
    ...own,
    type: argument.type,
    generic: argument.generic || own.generic,
    isArray: argument.isArray || own.isArray,
    isMap: argument.isMap || own.isMap,
    isEnum: argument.isEnum || own.isEnum,
    arrayDepth: argument.arrayDepth || own.arrayDepth,
  };
}

/** Type arguments in which the variables of `owner` have been replaced. */
function withoutVariables(generic: readonly (TypeInfo | string)[], owner: TypeInfo): (TypeInfo | string)[] {
  return generic.map((item) => {
    if (typeof item === 'string') return item;
    const isVariable = item.typeVar === true && Object.hasOwn(item, 'typeAliasIndex');
    const argument =
      isVariable && Array.isArray(owner.generic)
        ? { ...asInfo(owner.generic[item.typeAliasIndex as number]) }
        : item;
    if (!Array.isArray(item.generic)) return argument;
    return { ...argument, generic: withoutVariables(item.generic, owner) };
  });
}

/** A value is made anew for each use: two fields that have it by default do not share it. */
function defaultOf(field: TypeInfo): (() => unknown) | undefined {
  const property = Object.getOwnPropertyDescriptor(field, 'defaultValue');
  if (property === undefined) return undefined;
  if (property.get !== undefined) return () => field.defaultValue;
  const text = JSON.stringify(property.value) as string | undefined;
  return text === undefined ? () => undefined : () => JSON.parse(text);
}
