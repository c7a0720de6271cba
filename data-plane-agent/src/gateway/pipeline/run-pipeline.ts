import { GatewayError } from '../errors/gateway-error.ts';
import { authenticate } from './authenticate.ts';
import { authorize } from './authorize.ts';
import { call } from './call.ts';
import { parse } from './parse.ts';
import { plan } from './plan.ts';
import type { RequestContext } from './request-context.ts';
import { respondWithError } from './respond.ts';
import { settle } from './settle.ts';

/** A step before the call. It fills in the context, throws a GatewayError to refuse, and waits only when it must. */
export type Stage = (context: RequestContext) => void | Promise<void>;

/** What a generation request passes, in order; `settle` follows in any case. */
export const GENERATION_STAGES: readonly Stage[] = [authenticate, parse, authorize, plan, call];

/**
 * Takes one request through its stages. Settles exactly once and never rejects.
 *
 * @param done told when everything is over; one function for all requests
 */
export async function runPipeline(
  context: RequestContext,
  stages: readonly Stage[],
  done: (context: RequestContext) => void,
): Promise<void> {
  try {
    for (const stage of stages) {
      const waiting = stage(context);
      if (waiting) await waiting;
      if (context.ended === 'gateway_stopping' && !context.answer.headSent)
        throw new GatewayError('stopping');
    }
  } catch (error) {
    respondWithError(context, asGatewayError(context, error));
  } finally {
    settle(context);
    done(context);
  }
}

function asGatewayError(context: RequestContext, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  // The error's own message could hold content, so only its class is logged.
  const name = error instanceof Error ? error.name : typeof error;
  context.services.log.error(
    { request_id: context.requestId, error: name },
    'a request failed inside the gateway',
  );
  return new GatewayError('internal_error', { cause: error });
}
