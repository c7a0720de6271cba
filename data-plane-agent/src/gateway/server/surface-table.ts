import type { Capability, SurfaceName } from '@bonito/protocol';

/** A kind of generation request that clients may send. */
export interface Surface {
  readonly name: SurfaceName;
  /** Where clients send it. */
  readonly path: string;
  /** What a deployment must be able to do. */
  readonly capability: Capability;
  /** Below the provider's base URL. */
  readonly upstreamPath: string;
  /** Whether `stream` means something in its body. */
  readonly streams: boolean;
}

/** Everything that clients may POST. The exact look-up ahead of the router and the router are both made from it. */
export const SURFACE_TABLE: readonly Surface[] = [
  {
    name: 'openai-chat',
    path: '/v1/chat/completions',
    capability: 'chat',
    upstreamPath: '/chat/completions',
    streams: true,
  },
  {
    name: 'openai-completions',
    path: '/v1/completions',
    capability: 'completions',
    upstreamPath: '/completions',
    streams: true,
  },
  {
    name: 'openai-embeddings',
    path: '/v1/embeddings',
    capability: 'embeddings',
    upstreamPath: '/embeddings',
    streams: false,
  },
];
