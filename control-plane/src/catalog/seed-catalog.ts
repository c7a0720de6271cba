import { writeFileSync } from 'node:fs';
import { findProvider } from '@pydantic/genai-prices';
import { readGenaiPrices } from './read-genai-prices.ts';

// Writes catalog-data.ts anew from the installed version of @pydantic/genai-prices: `npm run seed:catalog`.
const entries = readGenaiPrices((seller) => findProvider({ providerId: seller }));
const lines = entries.map((entry) => JSON.stringify(entry));
if (lines.some((line) => /`|\$\{/.test(line))) throw new Error('an entry holds what a template cannot');
// The day of the list: replicas of two releases agree on the newer one.
const edition = new Date().toISOString().slice(0, 10);
const text = `/**
 * The catalog of models and prices, one JSON object a line. Written by \`npm run seed:catalog\` from @pydantic/genai-prices,
 * whose notice stands in NOTICE beside this file. Not edited by hand.
 */
export const CATALOG_EDITION = '${edition}';
export const CATALOG_LINES = String.raw\`
${lines.join('\n')}
\`;
`;
writeFileSync(new URL('./catalog-data.ts', import.meta.url), text);
process.stdout.write(`${entries.length} models\n`);
