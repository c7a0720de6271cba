import {
  TOKEN_CLASSES,
  type TokenClass,
  UNIT_CLASSES,
  type UnitClass,
  type UsageClass,
} from '@bonito/protocol';

/** The column of each class: tokens have one prefix, what is no tokens another. */
export type UsageColumn = `tokens_${TokenClass}` | `units_${UnitClass}`;

export const USAGE_COLUMNS: readonly { usage: UsageClass; column: UsageColumn }[] = [
  ...TOKEN_CLASSES.map((usage) => ({ usage, column: `tokens_${usage}` as const })),
  ...UNIT_CLASSES.map((usage) => ({ usage, column: `units_${usage}` as const })),
];
