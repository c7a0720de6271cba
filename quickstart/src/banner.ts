import type { ChosenProvider } from './choose-provider.ts';
import type { DevFile } from './dev-file.ts';

/** What the starter prints when everything answers: addresses, the key, and three snippets that work when pasted. */
export function banner(dev: DevFile, provider: ChosenProvider): string {
  const base = `${dev.agentUrl}/v1`;
  const model = provider.exampleModel;
  return `
Bonito runs.

  Applications      ${base}   (OpenAI SDK, key below)
  Control plane     ${dev.controlPlaneUrl}   (API: /api/docs)
  Agent admin       ${dev.agentAdminUrl}   (/metrics, /outbox)
  Model provider    ${provider.label}
  API key           ${dev.apiKey}
  Administrator     ${dev.adminToken}
${provider.name === 'simulator' ? simulatorNotice() : ''}
curl:
  curl ${base}/chat/completions -H "Authorization: Bearer ${dev.apiKey}" -H "Content-Type: application/json" -d '{"model":"${model}","messages":[{"role":"user","content":"Hello"}]}'

Python (pip install openai):
  from openai import OpenAI
  client = OpenAI(base_url="${base}", api_key="${dev.apiKey}")
  answer = client.chat.completions.create(model="${model}", messages=[{"role": "user", "content": "Hello"}])
  print(answer.choices[0].message.content)

TypeScript (npm install openai):
  import OpenAI from 'openai';
  const client = new OpenAI({ baseURL: '${base}', apiKey: '${dev.apiKey}' });
  const answer = await client.chat.completions.create({ model: '${model}', messages: [{ role: 'user', content: 'Hello' }] });
  console.log(answer.choices[0].message.content);

What it cost: curl -H "Authorization: Bearer ${dev.adminToken}" ${dev.controlPlaneUrl}/api/gateway/logs
Ctrl-C ends everything.
`;
}

function simulatorNotice(): string {
  return `
  The answers come from a SIMULATOR, since no provider was named and no Ollama answers here. To connect a real one:
  OPENAI_API_KEY=sk-... npm start      (or OPENAI_BASE_URL=http://host:port/v1 for any OpenAI-compatible server)
`;
}
