import { readOpenAiUsage } from '../../../metering/read-openai-usage.ts';
import type { CompiledTarget } from '../../../snapshot/snapshot.ts';
import type { CallAddress, PassDialect, PassEdits } from '../../provider-kind.ts';
import { readError } from '../read-error.ts';
import { responsesErrorAnswer } from './responses-error-answer.ts';
import { ResponsesPassMeter } from './responses-pass-meter.ts';

const NO_EDITS: PassEdits = { edits: {}, dropped: [] };

/** The Responses API at a host that speaks it: bytes flow, but for the model's name. Made once for each host. */
export function responsesDialect(address: (target: CompiledTarget) => CallAddress): PassDialect {
  return {
    wire: 'openai-responses',
    framing: 'sse',
    address,
    pass({ body }, target) {
      const model = target.deployment.upstream_model;
      return body.model === model ? NO_EDITS : { edits: { model }, dropped: [] };
    },
    readUsage: (body) => readOpenAiUsage(body.usage),
    passMeter: () => new ResponsesPassMeter(),
    readError,
    errorAnswer: responsesErrorAnswer,
  };
}
