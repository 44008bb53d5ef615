import { Hono } from "hono";
import {
  ingestSchema,
  type IngestAnswer,
  type IngestOutcome,
  type IngestRecord,
} from "../../protocol/ingest.ts";
import { requireBridge } from "../auth/bridge-secret.ts";
import { readBody } from "../body.ts";
import type { Config } from "../../edge/config.ts";
import type { Env } from "../../edge/env.ts";
import type { App } from "../hono.ts";
import { applyQuote } from "../calls/quote-notices.ts";
import { applyNotice } from "../calls/user-notices.ts";

/**
 * What the bridge brings in. Answers only when every record has had its effect or is refused for good: a request that
 * fails is sent again whole, and what it did before counts once.
 */
export const internalIngest = new Hono<App>().post("/", async (c) => {
  await requireBridge(c);
  const { records } = await readBody(c, ingestSchema);
  const outcomes: IngestOutcome[] = [];
  // one after the other: records of one conversation keep their order
  for (const record of records) outcomes.push(await apply(c.env, c.var.config, record));
  return c.json({ outcomes } satisfies IngestAnswer);
});

function apply(env: Env, config: Config, record: IngestRecord): Promise<IngestOutcome> {
  const { event } = record;
  switch (event.type) {
    case "quoteAccepted":
      return applyQuote(env, config, record, event);
    case "userNotice":
      return applyNotice(env, record, event);
  }
}
