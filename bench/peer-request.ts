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
