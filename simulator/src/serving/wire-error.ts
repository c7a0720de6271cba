/** A refusal in the form of one provider. Each wire has its own kind of it. */
export abstract class WireError extends Error {
  abstract readonly status: number;
  /** Headers besides `content-type: application/json`. */
  readonly headers: Record<string, string> = {};

  /** The JSON body. */
  abstract body(): string;
}
