import { endRequest, type RequestContext } from '../pipeline/request-context.ts';

/** The requests under way, and the way to an end of them. */
export class InFlight {
  /** An array and not a Set, whose inner tables, when much is added and removed, keep what they held alive. */
  private readonly requests: RequestContext[] = [];
  private emptied: (() => void) | undefined;
  private ending = false;

  get size(): number {
    return this.requests.length;
  }

  /** No new requests are taken. */
  get stopping(): boolean {
    return this.ending;
  }

  add(context: RequestContext): void {
    context.place = this.requests.push(context) - 1;
  }

  remove(context: RequestContext): void {
    const last = this.requests.pop();
    if (last && last !== context) {
      this.requests[context.place] = last;
      last.place = context.place;
    }
    if (this.requests.length === 0) this.emptied?.();
  }

  /**
   * Lets requests finish for so many milliseconds, then ends those that are left: streams get an error event, and all are
   * settled. Resolves when none is left.
   */
  async stop(deadlineMs: number): Promise<void> {
    this.ending = true;
    if (this.requests.length === 0) return;
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
