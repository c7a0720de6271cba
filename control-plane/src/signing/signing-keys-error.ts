/** The signing keys cannot be used. Nothing is served then: a control plane without its keys would be a stranger to agents. */
export class SigningKeysError extends Error {
  override readonly name = 'SigningKeysError';
  readonly code: 'signing_keys_malformed' | 'signing_keys_unreadable' | 'signing_keys_not_in_a_file';

  constructor(code: SigningKeysError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
