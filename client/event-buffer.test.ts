import { expect, test } from "vitest";
import type { ReaderEvent } from "../protocol/event.ts";
import { LogReplacedError, SlowConsumerError } from "./errors.ts";
import { EventBuffer } from "./event-buffer.ts";

function events(from: number, count: number): ReaderEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: from + index,
    at: 0,
    type: "message",
    senderId: "a",
    clientMessageId: "k",
    message: { type: "TEXT", content: "" },
  }));
}

const ignore = () => {};

async function seqs(buffer: EventBuffer): Promise<number[]> {
  const read: number[] = [];
  for await (const event of buffer) read.push(event.seq);
  return read;
}

test("events are read in order, whether they came before or after the question", async () => {
  const buffer = new EventBuffer(ignore);
  const reading = seqs(buffer);
  buffer.push(events(1, 2));
  buffer.push(events(3, 1));
  buffer.end();
  expect(await reading).toEqual([1, 2, 3]);
});

test("an error comes after the events before it, once", async () => {
  const buffer = new EventBuffer(ignore);
  buffer.push(events(1, 1));
  buffer.end(new LogReplacedError());
  expect(await buffer.next()).toMatchObject({ done: false });
  await expect(buffer.next()).rejects.toThrow(LogReplacedError);
  expect(await buffer.next()).toEqual({ done: true, value: undefined });
});

test("a reader that falls too far behind is cut off by name and the buffer grows no further", async () => {
  const buffer = new EventBuffer(ignore);
  buffer.push(events(1, 10_001));
  buffer.push(events(10_002, 1));
  const read: number[] = [];
  const reading = (async () => {
    for await (const event of buffer) read.push(event.seq);
  })();
  await expect(reading).rejects.toThrow(SlowConsumerError);
  expect(read.length).toBe(10_001);
});

test("leaving the loop lets go of the buffer", async () => {
  const returned: EventBuffer[] = [];
  const buffer = new EventBuffer((self) => void returned.push(self));
  buffer.push(events(1, 2));
  for await (const event of buffer) if (event.seq === 1) break;
  expect(returned).toEqual([buffer]);
  expect(await buffer.next()).toEqual({ done: true, value: undefined });
});
