import type { ServerResponse } from 'node:http';
import { endRequest, type RequestContext } from './request-context.ts';

const REQUEST = Symbol('request');
type Watched = ServerResponse & { [REQUEST]?: RequestContext };

/** Ends the request when its client goes away before the answer is complete. One listener for all requests, no closure each. */
export function watchForHangUp(context: RequestContext): void {
  const outgoing: Watched = context.answer.outgoing;
  outgoing[REQUEST] = context;
  outgoing.on('close', onClose);
}

function onClose(this: Watched): void {
  const context = this[REQUEST];
  if (context && !this.writableFinished) endRequest(context, 'client_closed');
}
