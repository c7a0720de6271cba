import type { PlainHead } from './read-plain-head.ts';

/**
 * A request that has come whole: what the gateway uses of node's `IncomingMessage`, and its body. Names are in lower case, and
 * there is no `content-length`: the body has one.
 */
export class PlainRequest {
  readonly method = 'POST';
  readonly httpVersionMajor = 1;
  readonly complete = true;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  readonly wholeBody: Buffer;
  private readonly breakOff: () => void;

  /** @param breakOff closes the connection */
  constructor(head: PlainHead, wholeBody: Buffer, breakOff: () => void) {
    this.url = head.url;
    this.headers = head.headers;
    this.rawHeaders = head.rawHeaders;
    this.wholeBody = wholeBody;
    this.breakOff = breakOff;
  }

  /** Gives up the request, and the connection with it. */
  destroy(): void {
    this.breakOff();
  }
}
