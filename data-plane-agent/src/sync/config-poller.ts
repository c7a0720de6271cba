import type { Rejection } from '@bonito/protocol';
import type { Clock, Random } from '../gateway/ports.ts';
import type { Applier, ApplyResult } from './apply-manifest.ts';
import { backoff } from './backoff.ts';
import { ControlPlaneError } from './control-plane-error.ts';
import type { ManifestAnswer, ManifestSource } from './manifest-source.ts';
import type { SyncEvents } from './sync-events.ts';
import { sleep, type Timers } from './timers.ts';

/** How long the control plane is asked to hold its answer, in seconds. */
const HOLD_SECONDS = 25;
const SHORTEST_HOLD_SECONDS = 5;
/** Between two questions to a source that does not hold its answers. */
const POLL_MILLISECONDS = 30_000;
/** Answers that came too early until it is believed that they are not held. One alone may be a restart over there. */
const EARLY_ANSWERS = 3;
/** After an application, so that a burst of revisions is not applied one by one. */
const SETTLE_MILLISECONDS = 50;
const MOST_BACKOFF = 20_000;
/** Where trying again helps only after someone did something. */
const MOST_REFUSED_BACKOFF = 60_000;
/** A configuration that was refused for good is tried again after this, in case the fault was on the way. */
const REFUSED_AGAIN_MILLISECONDS = 300_000;

export interface PollerOptions {
  source: ManifestSource;
  /** False for a source that never holds its answer. */
  holds: boolean;
  applier: Pick<Applier, 'apply'>;
  clock: Clock;
  random: Pick<Random, 'fraction'>;
  timers: Timers;
  /** Seconds; questions are asked at least twice in that time. Infinity when there is no limit. */
  maxOfflineSeconds(): number;
  /** Another configuration is being served, or another one is refused, or none is any more. */
  changed(what: 'applied' | 'rejection'): void;
  /** The control plane asks for a heartbeat at once. */
  beat(): void;
  events: SyncEvents;
  signal: AbortSignal;
}

/** Asks for configuration until its signal is aborted. */
export interface ConfigPoller {
  /** Why the newest configuration is not served; null when it is. */
  rejection(): Rejection | null;
  /** Tells of a refusal at the start, before the first question. */
  setRejection(rejection: Rejection): void;
  /** Resolves when it has stopped. */
  run(): Promise<void>;
}

/** Makes the poller; `run` starts it. It never throws and never gives up. */
export function createConfigPoller(options: PollerOptions): ConfigPoller {
  const { clock, random, timers, signal, events } = options;
  let rejection: Rejection | null = null;
  let tag: string | undefined;
  let refused: { tag: string; at: number } | undefined;
  let failures = 0;
  let rejections = 0;
  let earlyAnswers = 0;
  let holdSeconds = HOLD_SECONDS;
  let lastError: string | undefined;

  const patience = () => options.maxOfflineSeconds() / 2;

  function waitSeconds(): number {
    return options.holds ? Math.max(1, Math.floor(Math.min(holdSeconds, patience()))) : 0;
  }

  function tagToSend(): string | undefined {
    if (refused && clock.monotonic() - refused.at >= REFUSED_AGAIN_MILLISECONDS) refused = undefined;
    return refused?.tag ?? tag;
  }

  /** One question and what follows from the answer; gives the milliseconds until the next one. */
  async function round(): Promise<number> {
    const wait = waitSeconds();
    const askedAt = clock.monotonic();
    let answer: ManifestAnswer;
    try {
      answer = await options.source.manifest({ tag: tagToSend(), waitSeconds: wait, signal });
    } catch (error) {
      return signal.aborted ? 0 : afterError(error, clock.monotonic() - askedAt);
    }
    failures = 0;
    if (lastError !== undefined) events({ type: 'reached' });
    lastError = undefined;
    if (answer.beat) options.beat();
    if (!answer.changed) return afterNothing(answer.beat, clock.monotonic() - askedAt, wait);
    const startedAt = clock.monotonic();
    const result = await options.applier.apply(answer.jws, signal);
    if (signal.aborted) return 0;
    return afterManifest(answer.tag, result, clock.monotonic() - startedAt, wait);
  }

  function afterError(error: unknown, milliseconds: number): number {
    failures += 1;
    const known =
      error instanceof ControlPlaneError
        ? error
        : new ControlPlaneError('unreachable', { what: 'asking for the configuration failed' });
    if (lastError !== known.message) events({ type: 'unreachable', error: known });
    lastError = known.message;
    // A proxy that cuts calls that are silent for long: ask for shorter ones from now on.
    if (milliseconds >= 2_000 && known.code !== 'unauthorized')
      holdSeconds = Math.min(holdSeconds, Math.max(SHORTEST_HOLD_SECONDS, Math.floor(milliseconds / 1_250)));
    const lasting = ['unauthorized', 'not_found', 'refused'].includes(known.code);
    const delay = backoff(failures, lasting ? MOST_REFUSED_BACKOFF : MOST_BACKOFF, random.fraction());
    return Math.max(delay, known.retryAfter ?? 0);
  }

  function afterNothing(asked: boolean, milliseconds: number, wait: number): number {
    if (options.holds && (asked || milliseconds >= wait * 500)) {
      earlyAnswers = 0;
      return 0;
    }
    earlyAnswers += 1;
    if (options.holds && earlyAnswers < EARLY_ANSWERS)
      return backoff(earlyAnswers, MOST_BACKOFF, random.fraction());
    return Math.min(POLL_MILLISECONDS, patience() * 1_000) * (0.9 + 0.2 * random.fraction());
  }

  function afterManifest(
    answered: string | undefined,
    result: ApplyResult,
    milliseconds: number,
    wait: number,
  ): number {
    if (result.outcome === 'rejected') return afterRejection(answered, result);
    const again = tag !== undefined && tag === answered;
    tag = answered;
    refused = undefined;
    rejections = 0;
    const wasRejected = rejection !== null;
    rejection = null;
    if (result.outcome === 'unchanged') {
      if (wasRejected) options.changed('rejection');
      // A source that sends what it was told not to send: do not ask it in a tight loop.
      return again ? afterNothing(false, 0, wait) : SETTLE_MILLISECONDS;
    }
    earlyAnswers = 0;
    events({ type: 'applied', version: result.version, from: 'source', milliseconds });
    options.changed('applied');
    return SETTLE_MILLISECONDS;
  }

  function afterRejection(
    answered: string | undefined,
    result: ApplyResult & { outcome: 'rejected' },
  ): number {
    rejections += 1;
    if (!isSame(rejection, result.rejection)) {
      events({ type: 'rejected', rejection: result.rejection, message: result.message, from: 'source' });
      rejection = result.rejection;
      options.changed('rejection');
    }
    if (!result.passing && answered !== undefined) refused = { tag: answered, at: clock.monotonic() };
    // Sections that are gone were superseded while they were fetched: the new manifest is there already.
    if (result.rejection.code === 'section_missing' && rejections === 1) return 0;
    return backoff(rejections, REFUSED_AGAIN_MILLISECONDS, random.fraction());
  }

  return {
    rejection: () => rejection,
    setRejection(first) {
      rejection = first;
    },
    async run() {
      while (!signal.aborted) {
        const delay = await round();
        if (delay > 0) await sleep(timers, delay, signal);
      }
    },
  };
}

function isSame(a: Rejection | null, b: Rejection): boolean {
  return (
    a !== null &&
    a.code === b.code &&
    a.epoch === b.epoch &&
    a.revision === b.revision &&
    a.section === b.section &&
    a.path === b.path
  );
}
