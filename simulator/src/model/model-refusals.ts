/** What a prompt asked to be answered with. The wire says it in its own form. */
export class AskedStatusError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`The simulator was asked to answer ${status}.`);
    this.name = 'AskedStatusError';
    this.status = status;
  }
}

/** The request is longer than the model's window. */
export class WindowExceededError extends Error {
  readonly tokens: number;
  readonly window: number;

  constructor(tokens: number, window: number) {
    super(`The request has ${tokens} tokens, the window ${window}.`);
    this.name = 'WindowExceededError';
    this.tokens = tokens;
    this.window = window;
  }
}
