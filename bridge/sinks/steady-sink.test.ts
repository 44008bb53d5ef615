import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { archiveBatch } from "../../tests/support/archive-events.ts";
import { quietLog } from "../../tests/support/quiet-log.ts";
import type { Sink } from "./sink.ts";
import { SteadySink } from "./steady-sink.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FlakySink implements Sink {
  readonly name = "flaky";
  readonly parallel = 1;
  tries = 0;
  readonly #failures: number;

  constructor(failures: number) {
    this.#failures = failures;
  }

  async start(): Promise<void> {}

  async write(): Promise<{ deadLetters: number }> {
    if (this.tries++ < this.#failures) throw new Error("no leader");
    return { deadLetters: 2 };
  }

  async stop(): Promise<void> {}
}

const well = { fault: null, reason: null, retries: 0, deadLetters: 0 };
const batches = [archiveBatch("a", 0, 1)];

test("a write is tried until it succeeds; meanwhile the sink is degraded, with the reason", async () => {
  const flaky = new FlakySink(5);
  const sink = new SteadySink(flaky, quietLog, () => 0.5);
  const { signal } = new AbortController();
  expect(sink.health()).toEqual({ ...well, status: "starting" });
  await sink.start(signal);
  expect(sink.health()).toEqual({ ...well, status: "healthy" });
  const written = sink.write(batches, signal);
  await vi.advanceTimersByTimeAsync(0);
  expect(sink.health()).toEqual({
    status: "degraded",
    fault: "failing",
    reason: "Error: no leader",
    retries: 1,
    deadLetters: 0,
  });
  await vi.runAllTimersAsync();
  await written;
  expect(flaky.tries).toBe(6);
  expect(sink.health()).toEqual({ ...well, status: "healthy", retries: 5, deadLetters: 2 });
});

test("once nobody waits any more, a failing write fails instead of trying on", async () => {
  const flaky = new FlakySink(Number.POSITIVE_INFINITY);
  const sink = new SteadySink(flaky, quietLog, () => 0.5);
  const abandoned = new AbortController();
  const written = expect(sink.write(batches, abandoned.signal)).rejects.toThrow("no leader");
  await vi.advanceTimersByTimeAsync(0);
  abandoned.abort();
  await written;
  expect(flaky.tries).toBe(2);
});
