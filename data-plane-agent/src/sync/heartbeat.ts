import {
  type Command,
  type CommandAnswer,
  type ConfigVersion,
  formatTimestamp,
  type HeartbeatRequest,
  PROTOCOL_VERSION,
  type Rejection,
} from '@bonito/protocol';
import type { Clock, Random } from '../gateway/ports.ts';
import type { AgentTokens } from './agent-token.ts';
import { backoff } from './backoff.ts';
import type { ControlPlaneClient } from './control-plane-client.ts';
import type { SyncEvents } from './sync-events.ts';
import { sleep, type Timers } from './timers.ts';

/** What the rest of the agent says of itself; each is called once for a heartbeat. Numbers and configured ids only. */
export interface AgentNumbers {
  spool(): HeartbeatRequest['spool'];
  requests(): HeartbeatRequest['requests'];
  providers(): HeartbeatRequest['providers'];
}

export interface HeartbeatOptions {
  client: Pick<ControlPlaneClient, 'heartbeat'>;
  tokens: Pick<AgentTokens, 'offer'>;
  /** `0.1.0` */
  agentVersion: string;
  numbers: AgentNumbers;
  applied(): ConfigVersion | null;
  rejected(): Rejection | null;
  run(command: Command): Promise<CommandAnswer>;
  clock: Clock;
  random: Pick<Random, 'fraction'>;
  timers: Timers;
  events: SyncEvents;
  signal: AbortSignal;
}

/** Tells the control plane how the agent is, every minute and whenever something changes. */
export interface Heartbeat {
  /** Something changed: send one soon. Those within a second are one. */
  beat(): void;
  /** Resolves when it has stopped. */
  run(): Promise<void>;
}

const EVERY_MILLISECONDS = 60_000;
const APART_MILLISECONDS = 1_000;
const MOST_ANSWERS = 100;
const MOST_PROVIDERS = 1_000;
/** Commands that are remembered, so that one that is sent twice is not carried out twice. */
const REMEMBERED_COMMANDS = 500;

/** Makes the heartbeat; `run` starts it. It never throws. */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { clock, random, timers, signal } = options;
  const startedAt = formatTimestamp(clock.now());
  const waiting: CommandAnswer[] = [];
  /** Answers by command, null while it is being carried out. */
  const commands = new Map<string, CommandAnswer | null>();
  const notices = new Set<string>();
  let work: Promise<void> = Promise.resolve();
  let failures = 0;
  let due = false;
  let wake = () => {};

  function beat(): void {
    due = true;
    wake();
  }

  function report(answers: CommandAnswer[]): HeartbeatRequest {
    return {
      agent_version: options.agentVersion,
      started_at: startedAt,
      protocol: PROTOCOL_VERSION,
      applied: options.applied(),
      rejected: options.rejected(),
      spool: options.numbers.spool(),
      requests: options.numbers.requests(),
      providers: options.numbers.providers().slice(0, MOST_PROVIDERS),
      answers,
    };
  }

  async function send(): Promise<void> {
    const answers = waiting.slice(0, MOST_ANSWERS);
    try {
      const answer = await options.client.heartbeat(report(answers), signal);
      waiting.splice(0, answers.length);
      failures = 0;
      for (const notice of answer.notices) tell(notice);
      for (const command of answer.commands) take(command);
      // The next call proves the successor, so that the old one can be dropped on both sides.
      if (answer.successor && (await options.tokens.offer(answer.successor))) beat();
      if (waiting.length > 0) beat();
    } catch {
      // The poller tells of a control plane that does not answer; a heartbeat that is lost is followed by the next.
      failures += 1;
    }
  }

  function tell(notice: { code: string; message: string }): void {
    const known = `${notice.code} ${notice.message}`;
    if (notices.has(known)) return;
    if (notices.size >= 50) notices.clear();
    notices.add(known);
    options.events({ type: 'notice', code: notice.code, message: notice.message });
  }

  function take(command: Command): void {
    const known = commands.get(command.id);
    if (known) answerWith(known);
    if (known !== undefined) return;
    commands.set(command.id, null);
    for (const [id, answer] of commands) {
      if (commands.size <= REMEMBERED_COMMANDS) break;
      if (answer) commands.delete(id);
    }
    work = work.then(async () => {
      if (signal.aborted) return;
      const answer = await options.run(command);
      commands.set(command.id, answer);
      answerWith(answer);
    });
  }

  function answerWith(answer: CommandAnswer): void {
    if (waiting.some((other) => other.id === answer.id)) return;
    waiting.push(answer);
    beat();
  }

  async function pause(milliseconds: number, wakeable: boolean): Promise<void> {
    const woken = new AbortController();
    if (wakeable) {
      wake = () => woken.abort();
      if (due) woken.abort();
    }
    await sleep(timers, milliseconds, AbortSignal.any([woken.signal, signal]));
    wake = () => {};
  }

  return {
    beat,
    async run() {
      while (!signal.aborted) {
        due = false;
        await send();
        await pause(APART_MILLISECONDS, false);
        const every = EVERY_MILLISECONDS * (0.95 + 0.1 * random.fraction());
        const rest = failures > 0 ? 4_000 + backoff(failures, EVERY_MILLISECONDS, random.fraction()) : every;
        // After a failure the next one waits, whatever changed meanwhile.
        await pause(rest, failures === 0);
      }
      await work;
    },
  };
}
