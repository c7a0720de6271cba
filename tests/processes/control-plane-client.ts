/** Calls of the control plane's API in tests: the status and the JSON, whatever they are. */
export interface ApiAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any;
  headers: Headers;
}

export type ControlPlaneClient = (method: string, path: string, body?: unknown) => Promise<ApiAnswer>;

export function controlPlaneClient(
  url: string,
  token: string,
  headers: Record<string, string> = {},
): ControlPlaneClient {
  return async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text && JSON.parse(text), headers: answer.headers };
  };
}

/** Like a client, but an answer that is not 2xx throws, and only the body is given. */
export function mustSucceed(client: ControlPlaneClient) {
  return async (method: string, path: string, body?: unknown) => {
    const answer = await client(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
}
