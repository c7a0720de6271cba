/** The API that a request is written for: OpenAI's chat, or Anthropic's messages, which the agent translates. */
export interface PeerApi {
  readonly path: string;
  readonly streamEnd: string;
}
export const CHAT: PeerApi = { path: '/v1/chat/completions', streamEnd: '[DONE]' };
export const MESSAGES: PeerApi = { path: '/v1/messages', streamEnd: 'message_stop' };

/** About 1 KB, the same for all. Written without blanks, as SDKs do; the mock reads it that way. */
export function requestBody(model: string, stream: boolean): string {
  const content = 'say something '.repeat(65).trimEnd();
  return JSON.stringify({
    model,
    messages: [{ role: 'user', content }],
    temperature: 0.7,
    max_tokens: 256,
    ...(stream && { stream: true }),
  });
}
