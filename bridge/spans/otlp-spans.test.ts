import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { batchOf, foundedEvent, messageEvent } from "../../tests/support/archive-events.ts";
import { OtlpReceiver } from "../../tests/support/otlp-receiver.ts";
import { quietLog } from "../../tests/support/quiet-log.ts";
import { OtlpSpans } from "./otlp-spans.ts";
import type { Sink } from "../sinks/sink.ts";
import { SteadySink } from "../sinks/steady-sink.ts";

const TRACES = [
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
];
const [ONE, OTHER] = TRACES.map((traceparent) => {
  const [, traceId, spanId] = traceparent.split("-");
  return { traceId, spanId };
});
const batch = batchOf("team", [
  foundedEvent(),
  { ...messageEvent(1), traceparent: TRACES[0] },
  { ...messageEvent(2), traceparent: TRACES[0] },
  messageEvent(3),
  { ...messageEvent(4), traceparent: TRACES[1] },
]);

class OnceDown implements Sink {
  readonly parallel = 1;
  readonly name: string;
  #tries = 0;

  constructor(name: string) {
    this.name = name;
  }

  async start(): Promise<void> {}

  async write(): Promise<{ deadLetters: number }> {
    this.#tries++;
    if (this.#tries === 1) throw Object.assign(new Error("s3cret"), { code: "ECONNREFUSED" });
    return { deadLetters: 0 };
  }

  async stop(): Promise<void> {}
}

let receiver: OtlpReceiver;
beforeEach(async () => {
  receiver = await OtlpReceiver.start();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver.stop();
});

test("[TRC-1] a group's span links to the traces of its events, each once, and has its tries as children", async () => {
  const spans = new OtlpSpans(quietLog, "bridge-under-test");
  const sink = new SteadySink(new OnceDown("kafka"), quietLog, () => 0, spans);
  await sink.write([batch], new AbortController().signal);
  await spans.stop();

  expect([...receiver.services]).toEqual(["bridge-under-test"]);
  const [group, ...others] = receiver.named("carry group");
  expect(others).toEqual([]);
  expect(group).toMatchObject({
    links: [ONE, OTHER],
    status: { code: 0 },
    attributes: { "parley.sink": "kafka", "parley.events": 5, "parley.conversations": 1 },
  });
  const tries = receiver.named("kafka produce");
  expect(tries).toMatchObject([
    { status: { code: 2, message: "unreachable" }, attributes: { "error.type": "unreachable" } },
    { status: { code: 0 }, attributes: { "messaging.system": "kafka" } },
  ]);
  for (const { parentSpanId, traceId } of tries)
    expect({ parentSpanId, traceId }).toEqual({
      parentSpanId: group?.spanId,
      traceId: group?.traceId,
    });
  expect(JSON.stringify(receiver.spans)).not.toContain("s3cret");
});

test("a collector that refuses costs neither the write nor the stop, and is said", async () => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `${receiver.endpoint}/nowhere`);
  const said: string[] = [];
  const spans = new OtlpSpans({ ...quietLog, warn: (event) => void said.push(event) }, "bridge");
  const sink = new SteadySink(new OnceDown("mongodb"), quietLog, () => 0, spans);
  await sink.write([batch], new AbortController().signal);
  await spans.stop();
  expect(said).toEqual(["otel.export"]);
  expect(receiver.spans).toEqual([]);
});
