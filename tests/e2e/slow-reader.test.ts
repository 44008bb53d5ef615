import { afterAll, beforeAll, expect, test } from "vitest";
import { readMissed } from "../../bench/event-log.ts";
import { greetedSocket } from "../../bench/live-socket.ts";
import { StalledReader } from "../../bench/stalled-reader.ts";
import { ackedPerSecond } from "../../bench/writing.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";

let parley: ParleyWorkerd;
beforeAll(async () => {
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());

async function socketOf(user: string, conversationId: string) {
  return (await greetedSocket(parley.url, conversationId, await parley.token(user), { last: 0 }))
    .socket;
}

test("[LIM-9] a reader who stops reading is cut and misses nothing; one who reads is not", async () => {
  const conversationId = await parley.group(["writer", "sleeper", "reader"]);
  const writer = await socketOf("writer", conversationId);
  const stalled = new StalledReader(await socketOf("sleeper", conversationId));
  const reader = await socketOf("reader", conversationId);
  let readerClosed = false;
  reader.onClose = () => {
    readerClosed = true;
  };
  const messages = 150;
  const content = "x".repeat(LIMITS.contentBytes / 2);
  const lastSeen = reader.textWith(`"clientMessageId":"k${messages - 1}"`);
  await ackedPerSecond(writer, 4, messages, { content });
  await lastSeen;
  const { code, seq } = await stalled.readOn();
  expect(code).toBe(CLOSE_CODES.slowConsumer);
  expect(seq * content.length).toBeGreaterThan(LIMITS.bufferedBytes / 2);
  expect(seq * content.length).toBeLessThan(LIMITS.bufferedBytes * 1.5);
  const token = await parley.token("sleeper");
  const missed = await readMissed(parley.url, conversationId, token, seq);
  expect(missed.seq).toBe(messages);
  expect(readerClosed, "who reads stays").toBe(false);
  for (const socket of [writer, reader]) socket.destroy();
});

test("[LIM-6] [RES-2] no frame of a long resume is larger than allowed, whatever the script", async () => {
  const conversationId = await parley.group(["writer"]);
  const writer = await socketOf("writer", conversationId);
  const messages = 1_200;
  await ackedPerSecond(writer, 16, messages, { content: "漢".repeat(500) });
  writer.destroy();
  const token = await parley.token("writer");
  const { seq, largestBytes } = await readMissed(parley.url, conversationId, token, 0);
  expect(seq).toBe(messages);
  expect(largestBytes).toBeLessThanOrEqual(LIMITS.serverFrameBytes);
  expect(largestBytes, "pages are full").toBeGreaterThan(LIMITS.serverFrameBytes / 2);
});
