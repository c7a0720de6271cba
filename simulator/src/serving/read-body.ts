import type { IncomingMessage } from 'node:http';
import { OpenAiError } from '../openai/openai-error.ts';

const mostBytes = 64 * 1024 * 1024;

/** The whole body, or undefined when the caller went away first. Throws `OpenAiError` 413 above 64 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The connection must outlive the loop, so that a refusal can still be sent.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new OpenAiError(413, `The body is larger than ${mostBytes} bytes.`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof OpenAiError) throw error;
    return undefined;
  }
  return Buffer.concat(chunks, bytes);
}
