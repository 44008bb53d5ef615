import {
  diag,
  DiagLogLevel,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Link,
  type Span,
  type SpanOptions,
  type Tracer,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { ArchiveBatch } from "../../core/bridging/archive-writes.ts";
import { faultOf } from "../fault.ts";
import type { Log } from "../log.ts";
import type { Spans, Try } from "./spans.ts";

/** Less than what is left of a process manager's patience after the groups in hand; ms. */
const FLUSH_MS = 1_500;

/** What a try is, in OpenTelemetry's words. */
const TRIES: Record<string, { name: string; kind: SpanKind; attributes: Attributes }> = {
  kafka: {
    name: "kafka produce",
    kind: SpanKind.PRODUCER,
    attributes: { "messaging.system": "kafka", "messaging.operation.type": "send" },
  },
  mongodb: {
    name: "mongodb write",
    kind: SpanKind.CLIENT,
    attributes: { "db.system.name": "mongodb" },
  },
};

/**
 * Exports spans by OTLP over HTTP: one for each group and one for each try to write it. A group is of many traces, so
 * its span starts one of its own and links to theirs. Where and how is said by the standard's `OTEL_EXPORTER_OTLP_*`,
 * which the exporter reads. What nobody collects is dropped after a bounded queue: the bridge never waits for it.
 */
export class OtlpSpans implements Spans {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #log: Log;

  constructor(log: Log, serviceName: string) {
    this.#log = log;
    // The library tells of failed exports here and nowhere else.
    const said = (reason: string) => log.warn("otel.export", { reason });
    const quiet = () => undefined;
    diag.setLogger(
      { error: said, warn: quiet, info: quiet, debug: quiet, verbose: quiet },
      { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
    );
    this.#provider = new TracerProvider({
      resource: defaultResource().merge(resourceFromAttributes({ "service.name": serviceName })),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    });
    this.#tracer = this.#provider.getTracer("parley-bridge");
  }

  group<T>(
    sink: string,
    batches: readonly ArchiveBatch[],
    write: (tried: Try) => Promise<T>,
  ): Promise<T> {
    const attributes = {
      "parley.sink": sink,
      "parley.conversations": batches.length,
      "parley.events": batches.reduce((sum, { events }) => sum + events.length, 0),
    };
    const options = { kind: SpanKind.CONSUMER, links: linksOf(batches), attributes };
    return this.#spanned("carry group", options, null, (span) =>
      write((run) => this.#try(sink, span, run)),
    );
  }

  async stop(): Promise<void> {
    await this.#provider.forceFlush({ timeoutMillis: FLUSH_MS }).catch(() => {
      this.#log.warn("otel.export", { reason: "some spans were left unsent" });
    });
  }

  #try<T>(sink: string, group: Span, run: () => Promise<T>): Promise<T> {
    const { name, ...options } = TRIES[sink] ?? { name: `${sink} write`, kind: SpanKind.INTERNAL };
    return this.#spanned(name, options, group, run);
  }

  async #spanned<T>(
    name: string,
    options: SpanOptions,
    parent: Span | null,
    run: (span: Span) => Promise<T>,
  ): Promise<T> {
    const context = parent === null ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, parent);
    const span = this.#tracer.startSpan(name, options, context);
    try {
      return await run(span);
    } catch (error) {
      // the fault by its name: an error's own words may hold what is nobody's business there
      const fault = faultOf(error);
      span.setAttribute("error.type", fault);
      span.setStatus({ code: SpanStatusCode.ERROR, message: fault });
      throw error;
    } finally {
      span.end();
    }
  }
}

/** The traces that the events are part of, each once. The library keeps the first 128 and counts the others. */
function linksOf(batches: readonly ArchiveBatch[]): Link[] {
  const traces = new Set<string>();
  for (const { events } of batches) {
    for (const event of events) {
      if (event.type !== "founded" && event.traceparent !== undefined) {
        traces.add(event.traceparent);
      }
    }
  }
  return [...traces].map((traceparent) => {
    const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-");
    return { context: { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true } };
  });
}
