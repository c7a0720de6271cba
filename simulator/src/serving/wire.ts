import type { IncomingMessage } from 'node:http';
import type { Authority } from '../credentials/authority.ts';
import type { Answer, SurfaceRequest } from './answer.ts';
import type { WireError } from './wire-error.ts';

/** A request whose body arrived whole. */
export interface Arrival {
  request: IncomingMessage;
  url: URL;
  bytes: Buffer;
}

/** What one provider's protocol is besides its operations. */
export interface Wire {
  /** An error of this status in the provider's own form, and when to come again where its body says that. */
  refuse(status: number, message: string, retrySeconds?: number): WireError;
  /** An unknown model. */
  refuseModel(model: string): WireError;
  /** A body without a model, on wires that name it there. */
  refuseNoModel(): WireError;
  /** Throws a `WireError` if the credential or a header that the provider demands is wrong. */
  authorize(arrival: Arrival, authority: Authority): void;
}

/** One endpoint that a model answers. */
export interface Operation {
  wire: Wire;
  surface: (request: SurfaceRequest) => Answer;
  /** From the path; absent where the body names it. */
  model?: string;
  /** From the path; absent where the body says it. */
  stream?: boolean;
}

/** The operation of a `POST`, or undefined. `pathname` is still encoded. */
export type FindOperation = (pathname: string, query: URLSearchParams) => Operation | undefined;
