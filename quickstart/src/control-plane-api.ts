/** A small client of the control plane's API for the few calls that setting up needs. */
export interface ControlPlaneApi {
  /** The answer's JSON, or undefined when it was 404 or 401. */
  get<Answer>(path: string): Promise<Answer | undefined>;
  post<Answer>(path: string, body: object): Promise<Answer>;
  patch(path: string, body: object): Promise<void>;
  delete(path: string): Promise<void>;
  /** Everything of a list, page by page. */
  list<Item>(path: string): Promise<Item[]>;
}

/** Calls as the administrator whose token it is. */
export function controlPlaneApi(url: string, token: string): ControlPlaneApi {
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.ok) return answer;
    if (method === 'GET' && (answer.status === 404 || answer.status === 401)) return undefined;
    throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  };
  const get = async <Answer>(path: string) =>
    (await call('GET', path))?.json() as Promise<Answer | undefined>;
  return {
    get,
    post: async <Answer>(path: string, body: object) =>
      (await call('POST', path, body))?.json() as Promise<Answer>,
    patch: async (path, body) => void (await call('PATCH', path, body)),
    delete: async (path) => void (await call('DELETE', path)),
    list: async <Item>(path: string) => {
      const items: Item[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: { data: Item[]; next_cursor: string | null } | undefined = await get(
          `${path}?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        items.push(...(page?.data ?? []));
        cursor = page?.next_cursor ?? null;
      }
      return items;
    },
  };
}
