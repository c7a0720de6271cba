/** A provider's answer, or a piece of its stream, is not of the wire's form. Says where, never what stood there. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
  readonly path: string;

  constructor(path: string) {
    super(`the provider's answer is malformed at ${path}`);
    this.path = path;
  }
}
