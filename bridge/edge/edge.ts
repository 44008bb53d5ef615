import * as v from "valibot";
import type { Heartbeat } from "../../protocol/heartbeat.ts";
import {
  ingestAnswerSchema,
  type IngestOutcome,
  type IngestRecord,
} from "../../protocol/ingest.ts";
import {
  conversationPageSchema,
  logPageSchema,
  type ConversationPage,
  type LogPage,
} from "../../protocol/log-page.ts";
import type { Socket } from "./shard-socket.ts";

const shardsSchema = v.object({ shards: v.pipe(v.number(), v.integer(), v.minValue(1)) });

/** How long the edge may take to answer; a full page of records is many calls there. ms. */
const ANSWER_TIMEOUT_MS = 20_000;

/** The doors that the edge opens to its bridge, and to nobody without the secret. */
export class Edge {
  readonly #base: URL;
  readonly #headers: { authorization: string };

  constructor(base: URL, secret: string) {
    this.#base = base;
    this.#headers = { authorization: `Bearer ${secret}` };
  }

  /** Throws when the edge does not answer, or does not know the secret. */
  async shardCount(): Promise<number> {
    const response = await this.#ask("/internal/outbox", { headers: this.#headers });
    return v.parse(shardsSchema, await response.json()).shards;
  }

  /** Throws when the edge does not answer, or not yet: then the same records are sent again. */
  async ingest(records: readonly IngestRecord[]): Promise<readonly IngestOutcome[]> {
    const answer = await this.#post("/internal/ingest", { records });
    return v.parse(ingestAnswerSchema, await answer.json()).outcomes;
  }

  async heartbeat(heartbeat: Heartbeat): Promise<void> {
    await this.#post("/internal/outbox/heartbeat", heartbeat);
  }

  /** Some of all conversations, from a cursor on; null is the first page. */
  async conversations(cursor: string | null): Promise<ConversationPage> {
    const query = cursor === null ? "" : `?${new URLSearchParams({ cursor }).toString()}`;
    const answer = await this.#ask(`/internal/logs${query}`, { headers: this.#headers });
    return v.parse(conversationPageSchema, await answer.json());
  }

  /** The log of a conversation after a seq, -1 for all of it. Throws a `NOT_FOUND` when there is no such conversation. */
  async logPage(conversationId: string, after: number): Promise<LogPage> {
    const path = `/internal/logs/${encodeURIComponent(conversationId)}?after=${after}`;
    const answer = await this.#ask(path, { headers: this.#headers });
    return v.parse(logPageSchema, await answer.json());
  }

  /** Opens one sink's socket of a shard; `sinks` are all that this bridge has. */
  dial(shard: number, sink: string, sinks: readonly string[]): Socket {
    const url = new URL(`/internal/outbox/${shard}/socket`, this.#base);
    url.search = new URLSearchParams({ sink, sinks: sinks.join(",") }).toString();
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return new WebSocket(url, { headers: this.#headers });
  }

  #post(path: string, body: object): Promise<Response> {
    const headers = { ...this.#headers, "content-type": "application/json" };
    return this.#ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(new URL(path, this.#base), {
      ...init,
      redirect: "error", // the secret goes to this origin and nowhere else
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    if (!response.ok) throw new EdgeAnswerError(response.status);
    return response;
  }
}

/** The edge answered, and not with what was asked for. */
export class EdgeAnswerError extends Error {
  override readonly name = "EdgeAnswerError";
  readonly code: "UNAUTHORIZED" | "NOT_FOUND" | "UNAVAILABLE";

  constructor(status: number) {
    super(`the edge answered ${status} to its bridge`);
    this.code = CODES.get(status) ?? "UNAVAILABLE";
  }

  /** Also a wrong secret: it may be on its way. */
  shouldRetry(): boolean {
    return this.code !== "NOT_FOUND";
  }
}

const CODES: ReadonlyMap<number, EdgeAnswerError["code"]> = new Map([
  [401, "UNAUTHORIZED"],
  [403, "UNAUTHORIZED"],
  [404, "NOT_FOUND"],
] as const);
