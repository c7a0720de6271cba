/** One chat request by plain fetch: its status, request id and text; `status: 0` when there was no answer. */
export interface ChatOutcome {
  status: number;
  requestId: string | null;
  text: string;
  headers: Headers;
}

export async function chat(
  agentUrl: string,
  apiKey: string,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<ChatOutcome> {
  try {
    const answer = await fetch(`${agentUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], ...body }),
    });
    const requestId = answer.headers.get('x-request-id');
    const text = await answer.text().catch(() => '');
    return { status: answer.status, requestId, text, headers: answer.headers };
  } catch {
    return { status: 0, requestId: null, text: '', headers: new Headers() };
  }
}
