import { html, raw } from "hono/html";
import * as v from "valibot";

const operationSchema = v.object({
  summary: v.string(),
  tags: v.tuple([v.string()]),
  security: v.array(v.unknown()),
  parameters: v.array(
    v.object({
      name: v.string(),
      in: v.string(),
      required: v.optional(v.boolean(), false),
      schema: v.unknown(),
    }),
  ),
  requestBody: v.optional(v.unknown()),
  responses: v.record(v.string(), v.object({ description: v.string() })),
});
const descriptionSchema = v.object({
  info: v.object({ title: v.string(), version: v.string() }),
  tags: v.array(v.object({ name: v.string(), description: v.string() })),
  paths: v.record(v.string(), v.record(v.string(), operationSchema)),
  components: v.object({ schemas: v.record(v.string(), v.unknown()) }),
});
type Operation = v.InferOutput<typeof operationSchema> & { method: string; path: string };

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
    color-scheme: light dark; }
  details { border: 1px solid #8884; border-radius: 6px; margin: .5rem 0; padding: .5rem .75rem; }
  summary { cursor: pointer; }
  code, pre { font: 14px/1.4 ui-monospace, monospace; }
  pre { overflow: auto; background: #8881; padding: .5rem; border-radius: 6px; }
  .method { display: inline-block; min-width: 4.5rem; font-weight: 600; text-transform: uppercase; }
  td { padding: 0 1rem .25rem 0; vertical-align: top; }
`;

/** The reference as one page: no script and nothing from elsewhere, so it works offline. */
export function referencePage(description: unknown) {
  const { info, tags, paths, components } = v.parse(descriptionSchema, description);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => ({
      ...operation,
      method,
      path,
    })),
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title} ${info.version}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <h1>${info.title} ${info.version}</h1>
        <p>The same for programs: <a href="/openapi.json">/openapi.json</a>.</p>
        ${tags.map(
          ({ name, description: text }) => html`
            <h2 id="${name}">${name}</h2>
            <p>${text}</p>
            ${operations.filter((each) => each.tags[0] === name).map(operationPart)}
          `,
        )}
        <h2>Schemas</h2>
        ${Object.entries(components.schemas).map(
          ([name, schema]) => html`
            <details id="${name}">
              <summary><code>${name}</code></summary>
              ${jsonPart(schema)}
            </details>
          `,
        )}
      </body>
    </html>`;
}

function operationPart(operation: Operation) {
  const { method, path, summary, security, parameters, requestBody, responses } = operation;
  return html`
    <details>
      <summary><span class="method">${method}</span> <code>${path}</code><br />${summary}</summary>
      <p>${security.length === 0 ? "Needs no token." : "Needs a bearer token."}</p>
      <table>
        ${parameters.map(
          (each) => html`
            <tr>
              <td><code>${each.name}</code></td>
              <td>${each.in}${each.required ? ", required" : ""}</td>
              <td><code>${JSON.stringify(each.schema)}</code></td>
            </tr>
          `,
        )}
      </table>
      ${
        requestBody === undefined
          ? ""
          : html`<h3>Body</h3>
              ${jsonPart(requestBody)}`
      }
      <h3>Answers</h3>
      ${Object.entries(responses).map(
        ([status, answer]) => html`
          <details>
            <summary><code>${status}</code> ${answer.description}</summary>
          </details>
        `,
      )}
    </details>
  `;
}

function jsonPart(value: unknown) {
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}
