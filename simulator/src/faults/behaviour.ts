/** How one attempt is answered. Counts are of events in a stream, or of 256-byte pieces of a JSON answer. */
export interface Behaviour {
  /** Answer this HTTP status with an error body. */
  status?: number;
  /** Value of the `retry-after` header, in seconds. Only with `status`. */
  retryAfterSeconds?: number;
  /** The error is a web page, as load balancers send it, not JSON. Only with `status`. */
  htmlError?: boolean;
  /** Close the connection before any byte of an answer. */
  drop?: boolean;
  /** Wait before the head of the answer. */
  firstByteMilliseconds?: number;
  /** Wait between the head and the first event. */
  firstEventMilliseconds?: number;
  /** Wait before each event after the first. */
  chunkMilliseconds?: number;
  /** Close the connection after so many events. */
  cutAfter?: number;
  /** Send nothing more after so many events, and keep the connection open. */
  stallAfter?: number;
  /** After so many events, send an error event and end the stream. */
  errorAfter?: number;
  /** The HTTP status that the error event stands for; each wire has its usual one. Only with `errorAfter`. */
  errorStatus?: number;
  /** The event of this number (the first is 1) has a wrong checksum, on wires that have checksums. */
  badChecksum?: number;
  /** The event of this number (the first is 1) is not JSON. */
  malformedChunk?: number;
  /** The stream ends without `[DONE]`, or on wires without it, without its last event. */
  noDone?: boolean;
  /** Answer 400 when the request carries `stream_options`, as servers do that do not know it. */
  refuseStreamOptions?: boolean;
  /** The text of the answer has this many bytes. */
  hugeBytes?: number;
  /** The text of the answer has this many words. */
  words?: number;
  /** The text of the answer is the last user message. */
  echo?: boolean;
  /** Answer a tool call when the request offers any tool. */
  toolCall?: boolean;
  /** Answer a tool call when the request offers any tool and the last message is the user's, not a tool's. */
  toolOnce?: boolean;
  /** As `toolOnce`, with two calls. */
  parallel?: boolean;
  /** Say words before a tool call. */
  preface?: boolean;
  /** Reason before the answer, asked or not. */
  think?: boolean;
  /** Reasoning that nobody but the provider can read. */
  redacted?: boolean;
  /** The text lists the media that the last user message brought. */
  imageSeen?: boolean;
  /** The model declines in its own words. */
  refuse?: boolean;
  /** The provider's filter stops the answer before its first word. */
  filter?: boolean;
  /** The provider's filter refuses the prompt. */
  filterPrompt?: boolean;
  /** The model's window in tokens; a longer request is refused. */
  window?: number;
  /** Cache prompts by themselves, on wires where the caller marks nothing. */
  cacheAll?: boolean;
  /** Report no usage at all. */
  noUsage?: boolean;
  /** Report these token counts instead of the counted ones. */
  usage?: { input: number; output: number };
  /** So many of the reported input tokens came from the cache. */
  cachedTokens?: number;
  /** So many of the reported output tokens were reasoning. */
  reasoningTokens?: number;
}
