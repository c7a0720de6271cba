import type { FindOperation, Operation } from '../serving/wire.ts';
import { bedrockWire } from './bedrock-wire.ts';
import { converse } from './converse.ts';
import { invokeModel } from './invoke-model.ts';

const actions: Record<string, { surface: Operation['surface']; stream: boolean }> = {
  converse: { surface: converse, stream: false },
  'converse-stream': { surface: converse, stream: true },
  invoke: { surface: invokeModel, stream: false },
  'invoke-with-response-stream': { surface: invokeModel, stream: true },
};

/** Bedrock's runtime. */
export const findBedrockOperation: FindOperation = (pathname) => {
  const match = /^\/model\/([^/]+)\/([a-z-]+)$/.exec(pathname);
  const action =
    match?.[2] === undefined || !Object.hasOwn(actions, match[2]) ? undefined : actions[match[2]];
  return action && { wire: bedrockWire, ...action, model: decodeURIComponent(match?.[1] ?? '') };
};
