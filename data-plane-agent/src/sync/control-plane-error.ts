/** Why a call to the control plane did not succeed. Stable; shown in logs and metrics. */
export type ControlPlaneErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'unauthorized'
  | 'not_found'
  | 'refused'
  | 'unavailable'
  | 'answer_malformed'
  | 'answer_too_large'
  | 'stopped';

const ADVICE: Record<ControlPlaneErrorCode, string> = {
  unreachable: 'check the address, the proxy and the firewall',
  timeout: 'check the proxy and the network',
  unauthorized: 'check that the agent token is right and was not revoked',
  not_found: 'check the address, its path included',
  refused: 'look at the control plane and the versions of both',
  unavailable: 'it is tried again',
  answer_malformed: 'check that the address is a control plane and that no proxy changes its answers',
  answer_too_large: 'check that the address is a control plane',
  stopped: 'the agent is stopping',
};

/** A call to the control plane that failed. Its message holds no text that the other side sent. */
export class ControlPlaneError extends Error {
  override readonly name = 'ControlPlaneError';
  readonly code: ControlPlaneErrorCode;
  readonly status: number | undefined;
  /** Milliseconds that the control plane asked to wait (`Retry-After`). */
  readonly retryAfter: number | undefined;

  constructor(
    code: ControlPlaneErrorCode,
    detail: { what: string; status?: number; retryAfter?: number | undefined },
  ) {
    super(`${detail.what}: ${ADVICE[code]}`);
    this.code = code;
    this.status = detail.status;
    this.retryAfter = detail.retryAfter;
  }
}
