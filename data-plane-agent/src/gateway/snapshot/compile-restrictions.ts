import type { Restriction } from '@bonito/protocol';

/** What restrictions come to, in the form that is cheap to check for each request. */
export interface CompiledRestrictions {
  /** Model names that every `models` restriction allows; undefined when there is none. */
  allowedModels: readonly string[] | undefined;
  /** Milliseconds since 1970; Infinity when nothing expires. */
  expiresAt: number;
  /** Seconds; Infinity when there is no limit. */
  maxOfflineSeconds: number;
  /** One of them is not known to this version. */
  unknown: boolean;
}

/** Folds restrictions into one: every one of them holds. */
export function compileRestrictions(restrictions: readonly Restriction[]): CompiledRestrictions {
  const compiled: CompiledRestrictions = {
    allowedModels: undefined,
    expiresAt: Number.POSITIVE_INFINITY,
    maxOfflineSeconds: Number.POSITIVE_INFINITY,
    unknown: false,
  };
  for (const restriction of restrictions) {
    switch (restriction.type) {
      case 'models':
        compiled.allowedModels = intersect(compiled.allowedModels, restriction.allow);
        break;
      case 'expires':
        compiled.expiresAt = Math.min(compiled.expiresAt, Date.parse(restriction.at));
        break;
      case 'max_offline':
        compiled.maxOfflineSeconds = Math.min(compiled.maxOfflineSeconds, restriction.seconds);
        break;
      default:
        compiled.unknown = true;
    }
  }
  return compiled;
}

function intersect(before: readonly string[] | undefined, allow: readonly string[]): readonly string[] {
  if (!before) return allow;
  const both = new Set(allow);
  return before.filter((name) => both.has(name));
}
