import type { DevFile } from './dev-file.ts';

/**
 * Waits until the agent has applied a configuration in which the key may use the model.
 *
 * @throws Error after 15 seconds
 */
export async function waitForModel(dev: DevFile, model: string): Promise<void> {
  for (let attempt = 0; attempt < 150; attempt++) {
    const answer = await fetch(`${dev.agentUrl}/v1/models`, {
      headers: { authorization: `Bearer ${dev.apiKey}` },
      signal: AbortSignal.timeout(1_000),
    }).catch(() => undefined);
    if (answer?.ok) {
      const { data } = (await answer.json()) as { data: { id: string }[] };
      if (data.some(({ id }) => id === model)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The agent did not get the model ${model} from the control plane; see the agent's log.`);
}
