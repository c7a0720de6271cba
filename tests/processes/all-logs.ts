import { type ControlPlaneClient, mustSucceed } from './control-plane-client.ts';

/** A row of `/api/gateway/logs`, as far as tests look at it. */
export interface LogRow {
  request_id: string;
  status: string;
  error_code: string | null;
  input_tokens: number;
  output_tokens: number;
  cost_nanos: number;
  attempts: number;
  model_requested: string | null;
}

/** Every row of the logs, page by page. */
export async function allLogs(api: ControlPlaneClient): Promise<LogRow[]> {
  const rows: LogRow[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { data: LogRow[]; next_cursor: string | null } = await mustSucceed(api)(
      'GET',
      `/api/gateway/logs?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    rows.push(...page.data);
    cursor = page.next_cursor;
  }
  return rows;
}
