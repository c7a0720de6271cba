import type { ServerResponse } from 'node:http';
import { awsAccount } from '../credentials/aws-keys.ts';
import { sendJson } from '../serving/send-json.ts';
import { BedrockError } from './bedrock-error.ts';

/** Fewer than a caller may ask for, so that there is more than one page. */
const profilesInPage = 2;
const region = 'us-east-1';

const models = [
  { modelId: 'vendor.sim.plain', inferenceTypesSupported: ['ON_DEMAND'] },
  { modelId: 'vendor.sim.echo', inferenceTypesSupported: ['INFERENCE_PROFILE'] },
  { modelId: 'vendor.sim.plain:28k', inferenceTypesSupported: ['PROVISIONED'] },
].map(({ modelId, inferenceTypesSupported }) => ({
  modelArn: `arn:aws:bedrock:${region}::foundation-model/${modelId}`,
  modelId,
  modelName: modelId,
  providerName: 'Vendor',
  inputModalities: ['TEXT', 'IMAGE'],
  outputModalities: ['TEXT'],
  responseStreamingSupported: true,
  customizationsSupported: [],
  inferenceTypesSupported,
  modelLifecycle: { status: 'ACTIVE' },
}));

const profiles = [
  { id: 'us.vendor.sim.plain', model: 'vendor.sim.plain', type: 'SYSTEM_DEFINED' },
  { id: 'us.vendor.sim.echo', model: 'vendor.sim.echo', type: 'SYSTEM_DEFINED' },
  { id: 'sim0plain', model: 'vendor.sim.plain', type: 'APPLICATION' },
].map(({ id, model, type }) => ({
  inferenceProfileName: id,
  inferenceProfileId: id,
  inferenceProfileArn: `arn:aws:bedrock:${region}:${awsAccount}:${type === 'APPLICATION' ? 'application-' : ''}inference-profile/${id}`,
  models: [{ modelArn: `arn:aws:bedrock:${region}::foundation-model/${model}` }],
  status: 'ACTIVE',
  type,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
}));

/** Whether a path is one of Bedrock's lists. */
export function isBedrockModelList(pathname: string): boolean {
  return pathname === '/foundation-models' || pathname === '/inference-profiles';
}

/**
 * Answers ListFoundationModels and ListInferenceProfiles, which has pages.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
 */
export function answerBedrockModels({ pathname, searchParams }: URL, response: ServerResponse): void {
  if (pathname === '/foundation-models') {
    sendJson(response, { modelSummaries: models });
    return;
  }
  const wanted = Number(searchParams.get('maxResults') ?? 100);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 1000)
    throw new BedrockError(
      400,
      `1 validation error detected: Value '${searchParams.get('maxResults')}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 1000`,
    );
  const token = searchParams.get('nextToken');
  const start = token === null ? 0 : Number(/^page-(\d+)\/==$/.exec(token)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) throw new BedrockError(400, 'The provided nextToken is invalid.');
  const end = start + Math.min(wanted, profilesInPage);
  sendJson(response, {
    inferenceProfileSummaries: profiles.slice(start, end),
    ...(end < profiles.length && { nextToken: `page-${end}/==` }),
  });
}
