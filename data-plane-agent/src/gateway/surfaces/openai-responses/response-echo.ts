import type { ChatRequest } from '../../chat/chat-request.ts';
import type { JsonObject } from '../../chat/wire.ts';

/** A request with what its answer repeats of it. The member outlives copies of the request. */
export interface EchoedRequest extends ChatRequest {
  readonly echo: JsonObject;
}

/** What the API answers where the request does not say (API reference, "The Response object"). */
const DEFAULTS: JsonObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  // Nothing is kept here, whatever the request says.
  store: false,
  temperature: 1,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
  metadata: {},
};

/** What the answer to a body repeats of it, by reference. */
export function readEcho(body: JsonObject): JsonObject {
  const echo: Record<string, unknown> = { ...DEFAULTS };
  for (const name in DEFAULTS) {
    const asked = body[name];
    if (asked !== undefined && asked !== null && name !== 'store') echo[name] = asked;
  }
  echo.text = { ...(DEFAULTS.text as JsonObject), ...(echo.text as JsonObject) };
  echo.reasoning = { ...(DEFAULTS.reasoning as JsonObject), ...(echo.reasoning as JsonObject) };
  return echo;
}

/** The same for a request; the usual values for one that came by another way. */
export function echoOf(request: ChatRequest): JsonObject {
  return 'echo' in request ? (request as EchoedRequest).echo : DEFAULTS;
}
