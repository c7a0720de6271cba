import type { RequestContext } from './request-context.ts';

/** What every answer says of itself. */
export interface AnswerIdentity {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly created: number;
}

/** What stands in for what a provider does not say; Bedrock's Converse says none of it. SDKs rely on it being there. */
export function identityOf({ requestId, parsed, arrivedAt }: RequestContext): AnswerIdentity {
  return { id: requestId, model: parsed?.model ?? '', created: Math.floor(arrivedAt / 1_000) };
}

/** The same with what is missing filled in. */
export function withIdentity<Value extends AnswerIdentity>(value: Value, missing: AnswerIdentity): Value {
  if (value.id !== '' && value.model !== '' && value.created !== 0) return value;
  return {
    ...value,
    id: value.id || missing.id,
    model: value.model || missing.model,
    created: value.created || missing.created,
  };
}
