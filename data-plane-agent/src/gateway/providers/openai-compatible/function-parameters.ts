import { isObject, type JsonObject } from '../../chat/wire.ts';

/**
 * A function's parameters as OpenAI and others take them: an object that says nothing of its properties is refused ("object
 * schema missing properties"), and many MCP servers declare tools without arguments that way.
 */
export function functionParameters(parameters: JsonObject): JsonObject {
  const { type, properties } = parameters;
  if (isObject(properties) || (type !== undefined && type !== 'object')) return parameters;
  return { ...parameters, type: 'object', properties: {} };
}
