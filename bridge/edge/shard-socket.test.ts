import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { FakeSocket } from "../../tests/support/fake-socket.ts";
import { quietLog } from "../../tests/support/quiet-log.ts";
import { PING_MS, ShardSocket, SUPERSEDED_MS } from "./shard-socket.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function dialled() {
  const dials: FakeSocket[] = [];
  const texts: string[] = [];
  let downs = 0;
  const socket = new ShardSocket({
    shard: 0,
    sink: "kafka",
    dial: () => {
      const fake = new FakeSocket();
      dials.push(fake);
      return fake;
    },
    listener: { text: (data) => texts.push(data), down: () => downs++ },
    log: quietLog,
    random: () => 0.999,
  });
  socket.dial();
  const last = () => {
    const fake = dials.at(-1);
    if (fake === undefined) throw new Error("nothing was dialled");
    return fake;
  };
  return { socket, dials, texts, last, downs: () => downs };
}

test("a lost connection is dialled again, later after each loss in a row, up to the cap", () => {
  const { dials, last } = dialled();
  const waits: number[] = [];
  for (let loss = 0; loss < 9; loss++) {
    const before = Date.now();
    const count = dials.length;
    last().closed(1006);
    while (dials.length === count) vi.advanceTimersToNextTimer();
    waits.push(Date.now() - before);
  }
  expect(waits).toEqual([249, 499, 999, 1_998, 3_996, 7_992, 14_985, 14_985, 14_985]);
});

test("a connection that lasted starts the waits over", () => {
  const { dials, last } = dialled();
  last().closed(1006);
  vi.advanceTimersByTime(1_000);
  last().text("owned");
  vi.advanceTimersByTime(PING_MS);
  last().closed(1006);
  vi.advanceTimersByTime(249);
  expect(dials).toHaveLength(3);
});

test("[OBX-2] a bridge that was superseded does not fight: it dials again only after a long wait", () => {
  const { dials, last } = dialled();
  last().closed(CLOSE_CODES.superseded);
  vi.advanceTimersByTime(SUPERSEDED_MS);
  expect(dials).toHaveLength(1);
  vi.advanceTimersByTime(SUPERSEDED_MS);
  expect(dials).toHaveLength(2);
});

test("pings go out while there are answers, and answers are nobody else's business", () => {
  const { texts, last } = dialled();
  last().text("owned");
  for (let round = 0; round < 5; round++) {
    vi.advanceTimersByTime(PING_MS);
    last().text('{"type":"pong"}');
  }
  expect(last().sent).toEqual(Array.from({ length: 5 }, () => '{"type":"ping"}'));
  expect(texts).toEqual(["owned"]);
});

test("silence after a ping is a cut, and what the old connection says later is not heard", () => {
  const { dials, texts, last, downs } = dialled();
  const old = last();
  old.text("owned");
  vi.advanceTimersByTime(2 * PING_MS);
  expect(downs()).toBe(1);
  expect(old.closedWith).toBe(CLOSE_CODES.unavailable);
  vi.advanceTimersByTime(PING_MS);
  expect(dials).toHaveLength(2);
  old.text("late");
  old.closed(1006);
  expect(texts).toEqual(["owned"]);
  expect(downs()).toBe(1);
});

test("a dial that never ends is cut as well", () => {
  const { downs } = dialled();
  vi.advanceTimersByTime(PING_MS);
  expect(downs()).toBe(1);
});

test("after stop nothing is dialled any more", () => {
  const { socket, dials, last } = dialled();
  socket.stop();
  last().closed(1000);
  vi.runAllTimers();
  expect(dials).toHaveLength(1);
  expect(last().closedWith).toBe(1000);
});
