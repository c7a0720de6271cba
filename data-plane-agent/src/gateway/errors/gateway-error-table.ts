import type { UsageErrorCode } from '@bonito/protocol';

/** What the gateway answers for one code. */
export interface GatewayErrorEntry {
  readonly status: number;
  /** From OpenAI's closed-in-practice set, which clients know. */
  readonly type: 'invalid_request_error' | 'permission_error' | 'rate_limit_error' | 'server_error';
  readonly usageCode: UsageErrorCode;
  /** Whether the same request may succeed when it is sent again soon. */
  readonly retryable: boolean;
  readonly retryAfterSeconds?: number;
  /** What is wrong, and what to do. */
  readonly message: string;
}

const REQUEST = { type: 'invalid_request_error', usageCode: 'invalid_request', retryable: false } as const;
const CREDENTIAL = {
  status: 401,
  type: 'invalid_request_error',
  usageCode: 'authentication_failed',
  retryable: false,
} as const;
const DENIED = {
  status: 403,
  type: 'permission_error',
  usageCode: 'permission_denied',
  retryable: false,
} as const;
const LATER = { status: 503, type: 'server_error', retryable: true, retryAfterSeconds: 1 } as const;
const UPSTREAM = { type: 'server_error', retryable: true } as const;

/** Every error that the gateway makes itself. Codes are stable; where OpenAI has a code for the case, it is that one. */
export const GATEWAY_ERRORS = {
  missing_api_key: {
    ...CREDENTIAL,
    message: 'No API key was sent. Send it as "Authorization: Bearer bn-…", "x-api-key" or "api-key".',
  },
  conflicting_credentials: {
    ...CREDENTIAL,
    message: 'Two different API keys were sent. Send one, in one header.',
  },
  invalid_api_key: {
    ...CREDENTIAL,
    message:
      'The API key is not known here. Check that it is whole, belongs to this gateway and was not deleted.',
  },
  expired_api_key: {
    ...CREDENTIAL,
    message: 'The API key has expired. Ask your administrator for a new one.',
  },
  key_restricted: {
    ...DENIED,
    message:
      'The configuration holds a restriction that this version of the gateway does not know, so it denies. Upgrade the gateway.',
  },
  offline_too_long: {
    ...DENIED,
    status: 503,
    type: 'server_error',
    message:
      'The gateway has been without its control plane for longer than your organization allows. Restore the connection.',
  },
  not_ready: {
    ...LATER,
    usageCode: 'gateway_error',
    retryAfterSeconds: 5,
    message:
      'The gateway has no configuration yet. Try again shortly; if it stays, check its connection and token.',
  },
  route_missing: {
    ...DENIED,
    message:
      'The API key is bound to a route that does not exist. Ask your administrator to bind it to another.',
  },
  missing_required_parameter: {
    ...REQUEST,
    status: 400,
    message: 'A required field is missing. Add the field named in "param".',
  },
  invalid_type: {
    ...REQUEST,
    status: 400,
    message: 'A field has the wrong type. Correct the field named in "param".',
  },
  model_not_found: {
    ...REQUEST,
    status: 404,
    usageCode: 'model_not_found',
    message: 'No model or route has this name here. GET /v1/models lists the names that your key may use.',
  },
  model_not_allowed: {
    ...DENIED,
    message: 'The API key may not use this model. GET /v1/models lists the names that it may use.',
  },
  capability_mismatch: {
    ...REQUEST,
    status: 400,
    message: 'The model cannot be called for this. Use another model, or the endpoint that fits it.',
  },
  surface_unsupported: {
    ...REQUEST,
    status: 400,
    message: 'The model is at a provider that cannot be asked through this API.',
  },
  unsupported_parameter: {
    ...REQUEST,
    status: 400,
    message: 'The model is at a provider that cannot do what "param" asks for. Leave it out.',
  },
  unsupported_field: {
    ...REQUEST,
    status: 400,
    message: 'The route is strict, and the request holds something that the provider cannot express.',
  },
  media_unavailable: {
    ...REQUEST,
    status: 400,
    message: 'The provider takes images and files as bytes only, and this one could not be fetched for it.',
  },
  state_of_other_owner: {
    ...REQUEST,
    status: 404,
    message: 'What the request refers to is not known here for this API key.',
  },
  state_of_other_deployment: {
    ...REQUEST,
    status: 400,
    message:
      'The request holds reasoning or other state of a model that cannot answer it now, and the route loses none. Try again later, or send the conversation without what "param" names.',
  },
  upgrade_required: {
    ...REQUEST,
    status: 426,
    message: 'WebSockets are not served here. Send the request over HTTP.',
  },
  unknown_url: {
    ...REQUEST,
    status: 404,
    message: 'This path is not served here. Check that the base URL ends in /v1.',
  },
  method_not_allowed: {
    ...REQUEST,
    status: 405,
    message: 'This path does not take this method.',
  },
  invalid_json: {
    ...REQUEST,
    status: 400,
    message:
      'The body is not a JSON document that can be served. Send one object, as UTF-8 without a byte order mark.',
  },
  invalid_form: {
    ...REQUEST,
    status: 400,
    message: 'The body is not a form that can be served. Send multipart/form-data as RFC 7578 has it.',
  },
  ambiguous_key: {
    ...REQUEST,
    status: 400,
    message:
      'The body has a key that some readers would take for another one, such as "Model" for "model". Remove it or spell it exactly.',
  },
  body_too_large: {
    ...REQUEST,
    status: 413,
    usageCode: 'request_too_large',
    message:
      'The body is larger than this gateway accepts. Send less, or ask your administrator to raise the limit.',
  },
  url_too_long: {
    ...REQUEST,
    status: 414,
    usageCode: 'request_too_large',
    message: 'The URL is longer than this gateway accepts.',
  },
  headers_too_large: {
    ...REQUEST,
    status: 431,
    usageCode: 'request_too_large',
    message: 'The headers are larger than this gateway accepts.',
  },
  unsupported_encoding: {
    ...REQUEST,
    status: 415,
    message:
      'The content-encoding is not served. Use identity, gzip, deflate, br or zstd, at most two of them.',
  },
  invalid_encoding: {
    ...REQUEST,
    status: 400,
    message:
      'The body does not decompress: it is cut off or not in the encoding that content-encoding names.',
  },
  client_closed: {
    ...REQUEST,
    status: 499,
    usageCode: 'client_closed',
    message: 'The client closed the connection before the request was complete.',
  },
  buffer_full: {
    ...LATER,
    usageCode: 'gateway_overloaded',
    message: 'The gateway holds as many request bodies as it may. Try again shortly.',
  },
  stopping: {
    ...LATER,
    usageCode: 'gateway_stopping',
    message: 'This instance of the gateway is stopping. Try again: another one will answer.',
  },
  no_usable_target: {
    ...UPSTREAM,
    status: 503,
    usageCode: 'gateway_error',
    retryable: false,
    message:
      'None of the deployments behind this model can be used with this configuration. Ask your administrator.',
  },
  credential_unavailable: {
    ...UPSTREAM,
    status: 503,
    usageCode: 'credential_unavailable',
    message: "The gateway could not read its credential for the model's provider. Ask your administrator.",
  },
  credential_refused: {
    ...UPSTREAM,
    status: 502,
    usageCode: 'authentication_failed',
    retryable: false,
    message: "The model's provider refused the gateway's credential. Ask your administrator.",
  },
  provider_unreachable: {
    ...UPSTREAM,
    status: 502,
    usageCode: 'provider_unreachable',
    message: "The model's provider could not be reached. Try again.",
  },
  connect_timeout: {
    ...UPSTREAM,
    status: 504,
    usageCode: 'connect_timeout',
    message: "The model's provider did not accept a connection in time. Try again.",
  },
  first_byte_timeout: {
    ...UPSTREAM,
    status: 504,
    usageCode: 'first_byte_timeout',
    message: "The model's provider did not begin to answer in time. Try again, or stream the answer.",
  },
  idle_timeout: {
    ...UPSTREAM,
    status: 504,
    usageCode: 'idle_timeout',
    message: "The model's provider stopped sending in the middle of its answer. Try again.",
  },
  total_timeout: {
    ...UPSTREAM,
    status: 504,
    usageCode: 'total_timeout',
    message: 'The answer took longer than this gateway allows. Ask for less, or stream the answer.',
  },
  provider_answer_malformed: {
    ...UPSTREAM,
    status: 502,
    usageCode: 'provider_answer_malformed',
    message: "The model's provider sent an answer that cannot be read. Try again.",
  },
  stream_interrupted: {
    ...UPSTREAM,
    status: 502,
    usageCode: 'stream_interrupted',
    message: "The model's provider broke off its answer. What came so far is incomplete.",
  },
  internal_error: {
    ...UPSTREAM,
    status: 500,
    usageCode: 'gateway_error',
    message: 'The gateway failed on its own account. Try again; if it stays, report the x-request-id.',
  },
} as const satisfies Record<string, GatewayErrorEntry>;

export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;
