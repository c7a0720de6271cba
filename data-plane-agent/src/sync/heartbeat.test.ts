import {
  type Command,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  heartbeatRequestSchema,
  PROTOCOL_VERSION,
} from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import { testId } from '../gateway/snapshot/compile-test-sections.ts';
import { ControlPlaneError } from './control-plane-error.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { SyncEvent } from './sync-events.ts';
import { createTestTime, settle } from './test-surroundings.ts';

const QUIET: HeartbeatAnswer = { notices: [], successor: null, commands: [] };
const validate = (id: number): Command => ({
  id: testId(6, id),
  type: 'validate_provider',
  provider_id: testId(1, 0),
});

async function start(answers: (HeartbeatAnswer | Error)[] = []) {
  const time = createTestTime();
  const stopping = new AbortController();
  const sent: HeartbeatRequest[] = [];
  const offers: string[] = [];
  const ran: string[] = [];
  const events: SyncEvent[] = [];
  const heartbeat = createHeartbeat({
    client: {
      async heartbeat(report) {
        sent.push(heartbeatRequestSchema.parse(report));
        const answer = answers.shift() ?? QUIET;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    tokens: {
      async offer(successor) {
        offers.push(successor.token);
        return true;
      },
    },
    agentVersion: '0.1.0',
    numbers: {
      spool: () => ({ bytes: 1, records: 2, oldest_at: null, collapsed: 0 }),
      requests: () => ({ total: 3, errors: 1, in_flight: 0 }),
      providers: () => [],
    },
    applied: () => ({ epoch: 1, revision: 4 }),
    rejected: () => null,
    async run(command) {
      ran.push(command.id);
      return { id: command.id, result: 'done' };
    },
    clock: time.clock,
    random: { fraction: () => 0.5 },
    timers: time.timers,
    events: (event) => events.push(event),
    signal: stopping.signal,
  });
  const running = heartbeat.run();
  await settle();
  return {
    heartbeat,
    time,
    sent,
    offers,
    ran,
    events,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

describe('heartbeats', () => {
  it('are sent at the start, every minute, and on change; changes within a second are one', async () => {
    const { heartbeat, time, sent, stop } = await start();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      agent_version: '0.1.0',
      protocol: PROTOCOL_VERSION,
      applied: { epoch: 1, revision: 4 },
    });
    heartbeat.beat();
    heartbeat.beat();
    await settle();
    expect(sent).toHaveLength(1);
    await time.pass(1_000);
    expect(sent).toHaveLength(2);
    await time.pass(1_000);
    heartbeat.beat();
    await settle();
    expect(sent).toHaveLength(3);
    await time.pass(1_000);
    await time.pass(60_000);
    expect(sent).toHaveLength(4);
    await stop();
  });

  it('carry the answers to commands, until one of them arrived; a command is carried out once', async () => {
    const lost = new ControlPlaneError('timeout', { what: 'it' });
    const { time, sent, ran, stop } = await start([
      { ...QUIET, commands: [validate(1)] },
      lost,
      { ...QUIET, commands: [validate(1)] },
    ]);
    await time.pass(1_000);
    await time.pass(1_000);
    await time.pass(60_000);
    await time.pass(1_000);
    expect(ran).toEqual([testId(6, 1)]);
    const answer = [{ id: testId(6, 1), result: 'done' }];
    expect(sent.map((report) => report.answers)).toEqual([[], answer, answer, answer]);
    await stop();
  });

  it('take the successor of the token, and prove it soon', async () => {
    const successor = { token: 'bt-next', generation: 1 };
    const { time, sent, offers, stop } = await start([{ ...QUIET, successor }]);
    expect(offers).toEqual(['bt-next']);
    await time.pass(1_000);
    expect(sent).toHaveLength(2);
    await stop();
  });

  it('tell a notice once', async () => {
    const notices = [{ code: 'agent_outdated' as const, message: 'Update.' }];
    const { heartbeat, time, events, stop } = await start([
      { ...QUIET, notices },
      { ...QUIET, notices },
    ]);
    heartbeat.beat();
    await time.pass(1_000);
    expect(events).toEqual([{ type: 'notice', code: 'agent_outdated', message: 'Update.' }]);
    await stop();
  });
});
