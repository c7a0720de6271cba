import { endRequest, type RequestContext } from '../pipeline/request-context.ts';

/** The requests under way, and the way to an end of them. */
export class InFlight {
  private readonly requests = new Set<RequestContext>();
  private emptied: (() => void) | undefined;
  private ending = false;

  get size(): number {
    return this.requests.size;
  }

  /** No new requests are taken. */
  get stopping(): boolean {
    return this.ending;
  }

  add(context: RequestContext): void {
    this.requests.add(context);
  }

  remove(context: RequestContext): void {
    this.requests.delete(context);
    if (this.requests.size === 0) this.emptied?.();
  }

  /**
   * Lets requests finish for so many milliseconds, then ends those that are left: streams get an error event, and all are
   * settled. Resolves when none is left.
   */
  async stop(deadlineMs: number): Promise<void> {
    this.ending = true;
    if (this.requests.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.emptied = resolve;
    });
    const timer = setTimeout(() => {
      for (const context of [...this.requests]) endRequest(context, 'gateway_stopping');
    }, deadlineMs);
    await empty;
    clearTimeout(timer);
  }
}
