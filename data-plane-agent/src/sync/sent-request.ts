/** A request to the control plane as it left, for the operator to see. The credential is masked. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** Shows an operator what was sent. Must not keep more than a bounded number of bytes. */
export interface Outbox {
  note(request: SentRequest): void;
}
