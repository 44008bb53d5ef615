import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as v from "valibot";

/** What OTLP/HTTP's JSON says, as far as tests look at it. Source: OTLP 1.9, `ExportTraceServiceRequest`. */
const attributes = v.optional(
  v.pipe(
    v.array(
      v.object({
        key: v.string(),
        value: v.union([
          v.pipe(
            v.object({ stringValue: v.string() }),
            v.transform(({ stringValue }) => stringValue),
          ),
          v.pipe(
            v.object({ intValue: v.union([v.number(), v.string()]) }),
            v.transform(({ intValue }) => Number(intValue)),
          ),
          v.pipe(
            v.unknown(),
            v.transform(() => null),
          ),
        ]),
      }),
    ),
    v.transform((pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]))),
  ),
  [],
);
const spanSchema = v.object({
  traceId: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  spanId: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  parentSpanId: v.optional(v.string()),
  name: v.string(),
  kind: v.number(),
  links: v.optional(v.array(v.object({ traceId: v.string(), spanId: v.string() })), []),
  status: v.object({ code: v.optional(v.number(), 0), message: v.optional(v.string()) }),
  attributes,
});
export type ReceivedSpan = v.InferOutput<typeof spanSchema>;

const requestSchema = v.object({
  resourceSpans: v.array(
    v.object({
      resource: v.object({ attributes }),
      scopeSpans: v.array(v.object({ spans: v.array(spanSchema) })),
    }),
  ),
});

/** A collector of traces that speaks OTLP/HTTP with JSON, and keeps what it gets. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly services = new Set<unknown>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<OtlpReceiver> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const isTraces = request.method === "POST" && request.url === "/v1/traces";
      if (isTraces) receiver.#take(Buffer.concat(chunks).toString("utf8"));
      response.writeHead(isTraces ? 200 : 404, { "content-type": "application/json" });
      response.end("{}");
    });
    const receiver = new OtlpReceiver(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return receiver;
  }

  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get endpoint(): string {
    const { port } = this.#server.address() as AddressInfo; // it listens on TCP
    return `http://127.0.0.1:${port}`;
  }

  named(name: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  #take(text: string): void {
    for (const { resource, scopeSpans } of v.parse(requestSchema, JSON.parse(text)).resourceSpans) {
      this.services.add(Object(resource.attributes)["service.name"]);
      for (const { spans } of scopeSpans) this.spans.push(...spans);
    }
  }
}
