import { isObject, type JsonObject } from '../chat/wire.ts';
import { GatewayError } from '../errors/gateway-error.ts';

interface FieldTypes {
  string: string;
  number: number;
  boolean: boolean;
  object: JsonObject;
  array: readonly unknown[];
}

function isOf(value: unknown, type: keyof FieldTypes): boolean {
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isObject(value) : typeof value === type;
}

/**
 * A field of the request; undefined when it is absent or null, which the APIs take for the same.
 *
 * @throws GatewayError `invalid_type` with `path` as its `param`
 */
export function readField<Type extends keyof FieldTypes>(
  object: JsonObject,
  name: string,
  type: Type,
  path = '',
): FieldTypes[Type] | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (isOf(value, type)) return value as FieldTypes[Type];
  throw new GatewayError('invalid_type', { param: path + name, detail: `It has to be of type ${type}.` });
}

/** As `readField`, for one that has to be there. @throws GatewayError also `missing_required_parameter` */
export function requireField<Type extends keyof FieldTypes>(
  object: JsonObject,
  name: string,
  type: Type,
  path = '',
): FieldTypes[Type] {
  const value = readField(object, name, type, path);
  if (value === undefined) throw new GatewayError('missing_required_parameter', { param: path + name });
  return value;
}

/** The value as an object. @throws GatewayError `invalid_type` */
export function requireObject(value: unknown, path: string): JsonObject {
  if (isObject(value)) return value;
  throw new GatewayError('invalid_type', { param: path, detail: 'It has to be of type object.' });
}
