import { z } from 'zod';
import { idSchema, modelNameSchema } from '../../ids.ts';
import { priceSchema } from '../../price.ts';
import { restrictionsSchema } from '../restrictions.ts';

/** What a deployment can be called for; one without a list can be called for all of them. */
export const CAPABILITIES = [
  'chat',
  'completions',
  'embeddings',
  'images',
  'transcription',
  'speech',
  'rerank',
  'moderation',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** One model callable through one provider. */
export const deploymentSchema = z.object({
  id: idSchema,
  /** What clients ask for; unique among deployments and routes. */
  name: modelNameSchema,
  provider_id: idSchema,
  /** What the provider calls it. */
  upstream_model: z.string().min(1).max(500),
  /** The model family, `gpt`, `claude`, `gemini`, `llama`: decides how a cloud with several APIs is spoken to. */
  family: z.string().min(1).max(60),
  /** Names from `CAPABILITIES`; newer ones are ignored. Absent means all. */
  capabilities: z.array(z.string().max(60)).max(50).optional(),
  /** Overrides which of its provider's APIs it is called by; one that this version does not know makes it unusable. */
  wire: z.string().min(1).max(60).optional(),
  /** Where the provider processes the content, `eu`, `us`; free for the customer to name. */
  processing_boundary: z.string().max(60).optional(),
  price: priceSchema,
  restrictions: restrictionsSchema,
});
export type Deployment = z.infer<typeof deploymentSchema>;

/** Section `deployments`. */
export const deploymentsSectionSchema = z.object({ deployments: z.array(deploymentSchema).max(10_000) });
export type DeploymentsSection = z.infer<typeof deploymentsSectionSchema>;
