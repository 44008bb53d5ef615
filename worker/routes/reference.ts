import { Hono } from "hono";
import { openApiOf } from "../api/openapi.ts";
import { referencePage } from "../api/reference-page.ts";
import { CONTRACTS } from "../api/route-table.ts";
import type { App } from "../hono.ts";

let description: Record<string, unknown> | null = null;

/** The description of the REST surface, for programs and for people. */
export const reference = new Hono<App>()
  .get("/openapi.json", (c) => c.json(described()))
  .get("/docs", (c) => c.html(referencePage(described())));

/** Made when it is first asked for: most isolates never are. */
function described(): Record<string, unknown> {
  description ??= openApiOf(CONTRACTS);
  return description;
}
