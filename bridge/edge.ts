import * as v from "valibot";
import type { Socket } from "./shard-socket.ts";

const shardsSchema = v.object({ shards: v.pipe(v.number(), v.integer(), v.minValue(1)) });

/** How long the edge may take to say how many shards it has; ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/** The two doors that the edge opens to its bridge, and to nobody without the secret. */
export class Edge {
  readonly #base: URL;
  readonly #headers: { authorization: string };

  constructor(base: URL, secret: string) {
    this.#base = base;
    this.#headers = { authorization: `Bearer ${secret}` };
  }

  /** Throws when the edge does not answer, or does not know the secret. */
  async shardCount(): Promise<number> {
    const response = await fetch(new URL("/internal/outbox", this.#base), {
      headers: this.#headers,
      redirect: "error", // the secret goes to this origin and nowhere else
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`the edge answered ${response.status} to its bridge`);
    return v.parse(shardsSchema, await response.json()).shards;
  }

  /** Opens one sink's socket of a shard; `sinks` are all that this bridge has. */
  dial(shard: number, sink: string, sinks: readonly string[]): Socket {
    const url = new URL(`/internal/outbox/${shard}/socket`, this.#base);
    url.search = new URLSearchParams({ sink, sinks: sinks.join(",") }).toString();
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return new WebSocket(url, { headers: this.#headers });
  }
}
