import { expect, test, vi } from "vitest";
import { directConversationId, parseUserId } from "../protocol/ids.ts";
import { ModelConversation, type ModelSession } from "../tests/support/model-conversation.ts";
import { ConversationSession } from "./conversation-session.ts";
import { RefusedError, SessionClosedError } from "./errors.ts";
import type { Timers } from "./timers.ts";
import type { TransportEvents } from "./transport.ts";

/** A session on a network in memory: `opened` is the newest socket, `fire` ends every wait. */
function setUp(token: () => Promise<string> = () => Promise.resolve("jwt")) {
  const server = new ModelConversation();
  const dials: { url: string; subprotocols: readonly string[] }[] = [];
  const pending = new Map<string, () => void>();
  const timers: Timers = {
    start: (timer, _ms, onTimeout) => void pending.set(timer, onTimeout),
    stop: (timer) => void pending.delete(timer),
  };
  const texts: string[] = [];
  let current: { events: TransportEvents; session: ModelSession } | undefined;
  let ids = 0;
  const session = new ConversationSession("ws://edge/conversations/a_b/socket", conversationId, 0, {
    token,
    timers,
    random: () => 0,
    randomId: () => `id-${++ids}`,
    dial: (url, subprotocols, events) => {
      dials.push({ url, subprotocols });
      const socket = { events, session: server.connect("me") };
      current = socket;
      return {
        send(text) {
          texts.push(text);
          server.receive(socket.session, text);
          for (const answer of socket.session.outbox.splice(0))
            queueMicrotask(() => events.text(answer));
        },
        close: () => server.cut(socket.session),
      };
    },
  });
  return {
    session,
    server,
    dials,
    texts,
    open: () => current?.events.opened(),
    lose: (code: number) => current?.events.lost(code, ""),
    fire: (timer: string) => pending.get(timer)?.(),
    pending,
  };
}

function userId(text: string) {
  const id = parseUserId(text);
  if (!id.ok) throw new Error(id.error.message);
  return id.value;
}
const conversationId = directConversationId(userId("a"), userId("b"));

async function live(world: ReturnType<typeof setUp>): Promise<void> {
  world.session.open();
  await vi.waitUntil(() => world.dials.length > 0);
  world.open();
  await vi.waitUntil(() => world.session.state === "live");
}

test("a send resolves with its place in the log, and everybody's events arrive", async () => {
  const world = setUp();
  const heard: number[] = [];
  world.session.on("events", (events) => heard.push(...events.map((event) => event.seq)));
  await live(world);
  expect(await world.session.send("hello")).toEqual({ seq: 1, messageId: "a_b.1", at: 10 });
  expect(heard).toEqual([1]);
  expect(world.dials).toEqual([
    { url: "ws://edge/conversations/a_b/socket", subprotocols: ["parley.v1", "bearer.jwt"] },
  ]);
});

test("sends of one turn leave as one text", async () => {
  const world = setUp();
  await live(world);
  const before = world.texts.length;
  await Promise.all(["one", "two", "three"].map((text) => world.session.send(text)));
  expect(world.texts.length - before).toBe(1);
});

test("a send made while there is no socket is stored once after the reconnect", async () => {
  const world = setUp();
  await live(world);
  world.lose(1006);
  const stored = world.session.send("offline");
  world.fire("reconnect");
  await vi.waitUntil(() => world.dials.length === 2);
  world.open();
  expect(await stored).toMatchObject({ seq: 1 });
  expect(world.server.log.map((event) => event.message.content)).toEqual(["offline"]);
});

test("the same key twice is one send with one answer", async () => {
  const world = setUp();
  await live(world);
  const options = { clientMessageId: "k" };
  const [first, second] = [world.session.send("x", options), world.session.send("x", options)];
  expect(await first).toEqual(await second);
  expect(world.server.log.length).toBe(1);
});

test("close ends sends, loops and timers", async () => {
  const world = setUp();
  world.session.open();
  const send = world.session.send("never");
  const loop = Array.fromAsync(world.session);
  world.session.close();
  await expect(send).rejects.toThrow(SessionClosedError);
  await expect(world.session.send("late")).rejects.toThrow(SessionClosedError);
  expect(await loop).toEqual([]);
  expect(world.pending.size).toBe(0);
});

test("a terminal close tells listeners, sends and loops why", async () => {
  const world = setUp();
  const errors: unknown[] = [];
  world.session.on("error", (error) => errors.push(error.code));
  await live(world);
  const loop = Array.fromAsync(world.session);
  world.lose(4503);
  await expect(loop).rejects.toThrow(RefusedError);
  expect(errors).toEqual(["FORBIDDEN"]);
  expect(world.session.state).toBe("closed");
});

test("without a token nothing is dialled: a final no ends the session, a lost network waits", async () => {
  const why = { code: "INVALID_TOKEN", message: "signed out", retryable: false };
  const out = setUp(() => Promise.reject(new RefusedError(why)));
  out.session.open();
  await vi.waitUntil(() => out.session.state === "closed");
  const offline = setUp(() => Promise.reject(new Error("offline")));
  offline.session.open();
  await vi.waitUntil(() => offline.session.state === "waiting");
  expect([out.dials, offline.dials]).toEqual([[], []]);
});

test("a listener that closes the session in the middle of an event stops everything after it", async () => {
  const world = setUp();
  await live(world);
  const heard: string[] = [];
  world.session.on("events", () => {
    heard.push("events");
    world.session.close();
  });
  world.session.on("state", (state) => heard.push(state));
  await Promise.allSettled([world.session.send("one"), world.session.send("two")]);
  expect(heard).toEqual(["events", "closed"]);
});

test("a message the server would refuse never leaves", async () => {
  const world = setUp();
  await live(world);
  const before = world.texts.length;
  await expect(world.session.send("")).rejects.toMatchObject({ code: "INVALID_DATA" });
  expect(world.texts.length).toBe(before);
});
