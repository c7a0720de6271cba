import type { ChatDialect, OperationDialect, PassDialect, ProviderKind } from '../providers/provider-kind.ts';
import { providerKind } from '../providers/provider-kinds.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import type { ChatSurface } from '../surfaces/chat-surface.ts';
import type { PipelineSurface } from './request-context.ts';

/** Client and provider speak the same wire: bytes flow. */
export interface PassWay {
  readonly type: 'pass';
  readonly kind: ProviderKind;
  readonly dialect: PassDialect;
}

/** A chat through the neutral form. */
export interface TranslateWay {
  readonly type: 'translate';
  readonly kind: ProviderKind;
  readonly dialect: ChatDialect;
  readonly surface: ChatSurface;
}

/** A request other than chat. */
export interface OperationWay {
  readonly type: 'operation';
  readonly kind: ProviderKind;
  readonly dialect: OperationDialect;
}

/** How a surface reaches a target. */
export type Way = PassWay | TranslateWay | OperationWay;

/** Found once for each pair and remembered as long as the target's snapshot lives. */
const known = new WeakMap<CompiledTarget, Map<PipelineSurface, Way | undefined>>();

/** The way from a surface to a target; undefined where there is none. */
export function wayTo(target: CompiledTarget, surface: PipelineSurface): Way | undefined {
  let ways = known.get(target);
  if (ways === undefined) {
    ways = new Map();
    known.set(target, ways);
  }
  if (ways.has(surface)) return ways.get(surface);
  const way = findWay(target, surface);
  ways.set(surface, way);
  return way;
}

function findWay(target: CompiledTarget, surface: PipelineSurface): Way | undefined {
  const kind = providerKind(target.provider.config.kind);
  if (!kind) return undefined;
  const native = kind.chat(target);
  const same =
    native?.wire === surface.wire ? native : kind.passes(target).find(({ wire }) => wire === surface.wire);
  if (same && framesFit(same, surface)) return { type: 'pass', kind, dialect: same };
  if (surface.operation !== undefined) {
    const dialect = kind.operation(surface.operation, target);
    return dialect && { type: 'operation', kind, dialect };
  }
  if (!native || !surface.chat) return undefined;
  return { type: 'translate', kind, dialect: native, surface: surface.chat };
}

/** Frames of another kind can be put into SSE where the dialect says how to take them out of theirs. */
function framesFit(dialect: PassDialect, surface: PipelineSurface): boolean {
  return dialect.framing === surface.framing || (surface.framing === 'sse' && dialect.unwrap !== undefined);
}
