import { afterAll, beforeAll, expect, test } from "vitest";
import { greetedSocket } from "../../bench/live-socket.ts";
import type { RawSocket } from "../../bench/raw-socket.ts";
import { sendText } from "../../bench/writing.ts";
import type { ReaderEvent } from "../../client/index.ts";
import { decodeServerText } from "../../protocol/frame-codec.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";

let parley: ParleyWorkerd;
beforeAll(async () => {
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());

/** One member, who says of every event that he has read it. */
class Reader {
  readonly seen: ReaderEvent[] = [];
  readonly hasAll: Promise<void>;
  readonly socket: RawSocket;

  constructor(socket: RawSocket, expected: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.hasAll = promise;
    this.socket = socket;
    socket.onText = (payload) => {
      const frames = decodeServerText(payload.toString());
      if (!frames.ok) throw new Error(frames.error.message);
      const news = frames.value.flatMap((frame) => (frame.type === "events" ? frame.events : []));
      if (news.length === 0) return;
      this.seen.push(...news);
      socket.send(JSON.stringify({ type: "receipt", read: news.at(-1)?.seq }));
      if (this.seen.length === expected) resolve();
    };
  }
}

test("[ORD-2] [RCP-5] in a large conversation every socket sees the same, and authors are told of all who read", async () => {
  const users = Array.from({ length: LIMITS.smallConversation + 20 }, (_, n) => `user-${n}`);
  const writers = 3;
  const each = 40;
  const conversationId = await parley.group(users);
  const readers: Reader[] = [];
  for (const user of users) {
    const token = await parley.token(user);
    const { socket } = await greetedSocket(parley.url, conversationId, token, { last: 0 });
    readers.push(new Reader(socket, writers * each));
  }
  for (let n = 0; n < each; n++) {
    for (const { socket } of readers.slice(0, writers)) socket.send(sendText(n));
  }
  await Promise.all(readers.map(({ hasAll }) => hasAll));
  const [first, ...others] = readers.map(({ seen }) => seen);
  expect(first?.map(({ seq }) => seq)).toEqual(
    Array.from({ length: writers * each }, (_, n) => n + 1),
  );
  for (const seen of others) expect(seen).toEqual(first);
  const last = first?.at(-1);
  if (last?.type !== "message") throw new Error("the last event is a message");
  const author = readers.find((_, n) => users[n] === last.senderId);
  if (author === undefined) throw new Error(`${last.senderId} is nobody of the conversation`);
  const everybodyElse = users.length - 1;
  await author.socket.textWith(
    `"seq":${last.seq},"delivered":${everybodyElse},"read":${everybodyElse}`,
  );
  for (const { socket } of readers) socket.destroy();
});
