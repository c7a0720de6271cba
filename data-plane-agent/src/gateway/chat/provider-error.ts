/**
 * What an error of a provider is about. One kind has one form on each surface, in the words that clients of that surface
 * act on.
 */
export type ProviderErrorKind =
  | 'context_too_long'
  | 'request_too_large'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'overloaded'
  | 'content_filtered'
  /** Opaque state that the provider did not make, or does not take any more. */
  | 'state_rejected'
  | 'invalid_request'
  | 'unauthenticated'
  | 'permission_denied'
  | 'model_not_found'
  | 'timeout'
  | 'provider_error';

/** An error of a provider, read from its own wire. */
export interface ProviderError {
  readonly kind: ProviderErrorKind;
  /** The provider's own sentence; goes to the client and nowhere else. */
  readonly message: string;
  /** The provider's own code or type, `ThrottlingException`. */
  readonly code?: string | undefined;
  /** The field at fault, where the provider names one. */
  readonly param?: string | undefined;
  /** The same call may succeed soon, though errors of its kind do not pass by themselves. */
  readonly retryable?: boolean | undefined;
  /** Seconds that the body asks to wait (Google's RetryInfo); headers are read elsewhere. */
  readonly retryAfterSeconds?: number | undefined;
  /** Of `context_too_long`, where the provider names them. */
  readonly tokens?: { readonly sent: number; readonly limit: number } | undefined;
}
