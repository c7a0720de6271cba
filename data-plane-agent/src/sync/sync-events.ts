import type { ConfigVersion, Rejection } from '@bonito/protocol';
import type { ControlPlaneError } from './control-plane-error.ts';

/** What happened with the configuration, for the log and the metrics. No secret, no content. */
export type SyncEvent =
  | { type: 'applied'; version: ConfigVersion; from: 'store' | 'source'; milliseconds: number }
  | { type: 'rejected'; rejection: Rejection; message: string; from: 'store' | 'source' }
  /** The first call that failed after one that did not; and each change of the reason. */
  | { type: 'unreachable'; error: ControlPlaneError }
  /** The first call that went well after one that did not. */
  | { type: 'reached' }
  | { type: 'token_rotated'; generation: number }
  | { type: 'notice'; code: string; message: string };

/** Takes events; never throws. */
export type SyncEvents = (event: SyncEvent) => void;
