import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Simulator, startSimulator } from './start-simulator.ts';

/** The parts of answers that tests look at. */
interface AnswerShape {
  choices: {
    message: { content: string };
    delta: { content?: string };
    text: string;
    finish_reason: string;
  }[];
  data: { embedding: number[] }[];
  usage: Record<string, number>;
  system_fingerprint: string;
}

/** Starts one simulator for a test file, whose waits pass at once and are remembered. Its clock stands still. */
export function useSimulator() {
  const waits: number[] = [];
  let simulator: Simulator;
  beforeAll(async () => {
    const wait = async (milliseconds: number) => void waits.push(milliseconds);
    simulator = await startSimulator({ wait, now: () => 1_700_000_000_000 });
  });
  afterAll(() => simulator.close());
  beforeEach(() => {
    simulator.reset();
    waits.length = 0;
  });

  function post(path: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const all = { 'content-type': 'application/json', ...headers };
    return fetch(simulator.url + path, { method: 'POST', headers: all, body: text, signal: signal ?? null });
  }

  function chat(model: string, extra: object = {}, headers?: Record<string, string>) {
    const messages = [{ role: 'user', content: 'hello there' }];
    return post('/v1/chat/completions', { model, messages, ...extra }, headers);
  }

  return { waits, post, chat, simulator: () => simulator };
}

/** The JSON of an answer. */
export async function bodyOf(response: Response): Promise<AnswerShape> {
  return (await response.json()) as AnswerShape;
}

/** The data of each event of a stream, `[DONE]` included. */
export async function eventsOf(response: Response): Promise<string[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .flatMap((event) => (event.startsWith('data: ') ? [event.slice('data: '.length)] : []));
}

/** The events of a stream but `[DONE]`, parsed. */
export async function chunksOf(response: Response): Promise<AnswerShape[]> {
  const events = await eventsOf(response);
  return events.filter((event) => event !== '[DONE]').map((event) => JSON.parse(event) as AnswerShape);
}
