import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { describeType, type FieldRow, listFields } from './describe-schema.ts';
import type { ApiDocument, Operation } from './document-shape.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem }
nav { columns: 3 12rem } nav a { display: block }
h2 { margin-top: 3rem; border-bottom: 1px solid }
summary { cursor: pointer; padding: .4rem 0 } summary code { font-weight: 600 }
details { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .875rem }
td, th { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; overflow-wrap: anywhere }
th:nth-child(1) { width: 34% } th:nth-child(2) { width: 28% }
`;

/** The page's own style, and nothing else: no script, no font, no image. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'`;

type Html = ReturnType<typeof html>;

/** Writes the OpenAPI document as one page of HTML, grouped by tag. */
export function renderPage(document: ApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? 'Other');
  const { title, version, description } = document.info;
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>${title} ${version}</h1>
<p>${renderText(description)}</p>
<p>Send <code>Authorization: Bearer ba-…</code> with every request; agents send their own token, <code>bt-…</code>. Fields with a “?” may be absent. For programs: <a href="/api/openapi.json">openapi.json</a>.</p>
<nav>${[...groups.keys()].map((tag) => html`<a href="#${anchor(tag)}">${tag}</a>`)}</nav>
${[...groups].map(
  ([tag, members]) => html`<h2 id="${anchor(tag)}">${tag}</h2>
${members.map(({ path, method, operation }) => renderOperation(document, method, path, operation))}`,
)}
</body>
</html>`);
}

function anchor(tag: string): string {
  return tag.toLowerCase().replaceAll(/[^a-z]+/g, '-');
}

function renderOperation(document: ApiDocument, method: string, path: string, operation: Operation): Html {
  const parameters = (operation.parameters ?? []).map(
    (parameter): FieldRow => ({
      name: parameter.name,
      type: `${describeType(document, parameter.schema)}, in the ${parameter.in}`,
      required: parameter.required ?? false,
      description: parameter.description ?? parameter.schema?.description ?? '',
    }),
  );
  const body = operation.requestBody?.content?.['application/json']?.schema;
  const [status = '', success] =
    Object.entries(operation.responses).find(([code]) => code.startsWith('2')) ?? [];
  const others = Object.entries(operation.responses).filter(([code]) => !code.startsWith('2'));
  return html`<details>
<summary><code>${method} ${path}</code> ${operation.summary ?? ''}</summary>
<p>${renderText(operation.description)}</p>
${renderFields('Parameters', parameters)}
${renderFields('Body', listFields(document, body))}
${renderFields(`Answer ${status}`, listFields(document, success?.content?.['application/json']?.schema))}
<p>Other answers: ${others.map(([code, answer], index) => html`${index > 0 ? ' · ' : ''}${code} ${renderText(answer.description)}`)}</p>
</details>`;
}

/** Text in which backticks stand around code. */
function renderText(text = ''): Html[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function renderFields(title: string, fields: readonly FieldRow[]): Html | string {
  if (fields.length === 0) return '';
  return html`<table>
<tr><th>${title}</th><th>Type</th><th></th></tr>
${fields.map(
  (
    field,
  ) => html`<tr><td><code>${field.name}</code>${field.required ? '' : ' ?'}</td><td>${field.type}</td><td>${renderText(field.description)}</td></tr>
`,
)}
</table>`;
}
