import { describe, expect, test } from "vitest";
import { conversationId } from "../tests/support/ids.ts";
import { turnEnds } from "../tests/support/model-client.ts";
import {
  HELLO,
  live,
  sharedSocketWorld,
  welcome,
  type Line,
} from "../tests/support/shared-socket-world.ts";
import { PING_TEXT, PONG_TEXT } from "../protocol/client-frames.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { LIMITS } from "../protocol/limits.ts";

const [ONE, TWO] = [conversationId("one"), conversationId("two")];

const error = (code: string, more: object = {}) => ({
  type: "error",
  code,
  message: "no",
  retryable: false,
  ...more,
});

describe("[MUX-1] the shared socket", () => {
  test("carries each conversation under its address, and what is said in one turn in one text", async () => {
    const world = sharedSocketWorld();
    const [one, two, list] = [world.open(ONE), world.open(TWO), world.list()];
    expect(world.dials.map(({ url }) => url)).toEqual(["ws://edge/socket"]);
    world.opened();
    one.say(HELLO);
    two.say(HELLO, { type: "next" });
    await turnEnds();
    expect(world.last().sent).toEqual([
      [
        { conversationId: "one", ref: "1", ...HELLO },
        { conversationId: "two", ref: "2", ...HELLO },
        { conversationId: "two", type: "next" },
      ],
    ]);
    const events = { type: "events", conversationId: "one", events: [] };
    const entry = { type: "entry", conversationId: "one", entry: {} };
    world.tell(welcome("one", "1"), events, entry, welcome("two", "2"), events);
    const bye = { type: "bye", retryAfterMs: 5 };
    world.tell(bye);
    expect(one.heard).toEqual(["opened", [welcome("one", "1"), events], events, bye]);
    expect(two.heard).toEqual(["opened", welcome("two", "2"), bye]);
    expect(list.heard).toEqual(["opened", entry, bye]);
  });

  test("opens for who comes later, and closes with the last one", async () => {
    const world = sharedSocketWorld();
    const one = await live(world);
    const two = world.open(TWO);
    expect(two.heard).toEqual([]);
    await turnEnds();
    expect(two.heard).toEqual(["opened"]);
    one.transport.close(1000, "");
    one.say({ type: "next" });
    await turnEnds();
    expect(world.last()).toMatchObject({
      sent: [{ conversationId: "one", type: "bye" }],
      closes: [],
    });
    two.transport.close(1000, "");
    expect(world.last().closes).toEqual([1000]);
    expect(world.pending.size).toBe(0);
    world.open();
    expect(world.dials).toHaveLength(2);
  });

  test("[MUX-6] what was said to an earlier session of a conversation does not reach the next one", async () => {
    const world = sharedSocketWorld();
    const before = await live(world);
    await live(world, TWO, "2");
    before.transport.close(1000, "");
    const now = world.open(ONE);
    await turnEnds();
    const events = { type: "events", conversationId: "one", events: [] };
    world.tell(events);
    now.say(HELLO);
    world.tell(events, error("UNAVAILABLE", { conversationId: "one", retryable: true }));
    world.tell(welcome("one", "1"), error("NOT_FOUND", { conversationId: "one", ref: "1" }));
    expect(now.heard).toEqual(["opened"]);
    world.tell(welcome("one", "3"), events);
    world.tell(error("NOT_FOUND", { conversationId: "one", ref: "1" }));
    expect(now.heard).toEqual(["opened", [welcome("one", "3"), events]]);
    expect(before.heard).toEqual([]);
  });

  test("a text that is none of the protocol ends the socket for all", async () => {
    const world = sharedSocketWorld();
    const one = await live(world);
    world.last().events.text("<html>");
    expect([one.heard, world.last().closes]).toEqual([[4000], [4000]]);
  });

  test("what a listener ends in the middle of a text is told nothing more of it", async () => {
    const world = sharedSocketWorld();
    const one = await live(world);
    const list = world.list();
    const two = await live(world, TWO, "2");
    const events = (conversation: string) => ({
      type: "events",
      conversationId: conversation,
      events: [],
    });
    const later: Line[] = [];
    one.react = () => {
      one.react = () => undefined;
      world.lost(1006);
      later.push(world.open(TWO));
    };
    world.tell(events("one"), { type: "bye", retryAfterMs: 1 });
    expect([two.heard, list.heard.slice(1)]).toEqual([[1006], [1006]]);
    expect(later.map(({ heard }) => heard)).toEqual([[]]);
    expect(world.dials).toHaveLength(2);
  });
});

describe("what the server refuses", () => {
  test.each([
    ["NOT_FOUND", CLOSE_CODES.notFound],
    ["TOO_LARGE", CLOSE_CODES.protocol],
    ["NEWER_THAN_THIS", CLOSE_CODES.protocol],
  ])("[MUX-3] a hello that gets %s ends only its conversation", async (code, close) => {
    const world = sharedSocketWorld();
    const two = await live(world, TWO);
    const one = world.open(ONE);
    await turnEnds();
    one.say(HELLO);
    const refused = error(code, { conversationId: "one", ref: "2" });
    world.tell(refused, { type: "events", conversationId: "two", events: [] });
    expect(one.heard).toEqual(["opened", refused, close]);
    expect(two.heard).toHaveLength(1);
    expect(world.last().closes).toEqual([]);
  });

  test("one that may be said later comes back alone, when the server wants it", async () => {
    const world = sharedSocketWorld();
    await live(world, TWO);
    const one = world.open(ONE);
    await turnEnds();
    one.say(HELLO);
    const later = { retryable: true, retryAfterMs: 300, conversationId: "one", ref: "2" };
    world.tell(error("RATE_LIMITED", later));
    const bye = { type: "bye", retryAfterMs: 300 };
    expect(one.heard).toEqual(["opened", [error("RATE_LIMITED", later), bye], 4029]);
    one.start("reconnect", 300);
    expect(world.waits("reconnect 1")).toEqual([]);
    world.fire("reconnect");
    expect(one.heard.at(-1)).toBe("reconnect");
  });

  test("who is no member any more is told as on a socket of its own; what a change is refused for ends nothing", async () => {
    const world = sharedSocketWorld();
    const [one, two] = [await live(world), await live(world, TWO, "2")];
    const ofSend = error("NOT_FOUND", { conversationId: "one", clientMessageId: "k" });
    const ofTyping = error("UNAVAILABLE", { conversationId: "one", retryable: true });
    world.tell(ofSend, ofTyping);
    expect(one.heard).toEqual([[ofSend, ofTyping]]);
    world.tell(error("NOT_FOUND", { conversationId: "one" }));
    expect(one.heard.slice(1)).toEqual([CLOSE_CODES.forbidden]);
    expect(two.heard).toEqual([]);
  });

  test("[RES-3] a page that cannot be had now is asked for anew, by a resume", async () => {
    const world = sharedSocketWorld();
    const [one, two] = [await live(world), await live(world, TWO, "2")];
    const later = error("UNAVAILABLE", { conversationId: "one", retryable: true });
    const page = { type: "events", conversationId: "one", events: [] };
    one.say({ type: "next" });
    world.tell(page, later);
    expect(one.heard).toEqual([[page, later]]);
    one.say({ type: "next" });
    world.tell(later);
    expect(one.heard.slice(1)).toEqual([later, CLOSE_CODES.unavailable]);
    await turnEnds();
    const said = world.last().sent.flat();
    expect(said.at(-1)).toEqual({ conversationId: "one", type: "bye" });
    expect(two.heard).toEqual([]);
  });

  test("[LIM-10] so many refusals that the server would close the socket for good end it before", async () => {
    const world = sharedSocketWorld();
    const two = await live(world, TWO);
    const most = LIMITS.refusedFrames / 2;
    for (let n = 1; n <= most; n++) {
      expect(two.heard).toEqual([]);
      const strange = world.open(conversationId(`strange-${n}`));
      await turnEnds();
      strange.say(HELLO);
      const address = { conversationId: `strange-${n}`, ref: `${n + 1}` };
      world.tell(error("NOT_FOUND", address));
    }
    expect([two.heard, world.last().closes]).toEqual([[4000], [4000]]);
  });
});

describe("[LIV-1] liveness", () => {
  test("one ping and one wait for all, and any text is an answer", async () => {
    const world = sharedSocketWorld();
    const [one, two] = [await live(world), await live(world, TWO, "2")];
    one.start("ping", 25_000);
    two.start("ping", 10);
    expect(world.waits("ping")).toEqual([25_000]);
    world.fire("ping");
    expect([one.heard, two.heard]).toEqual([["ping"], ["ping"]]);
    for (const { transport } of [one, two]) transport.send(PING_TEXT);
    expect(world.last().sent).toEqual(["ping"]);
    world.last().events.text(PONG_TEXT);
    expect([one.heard.at(-1), two.heard.at(-1)]).toEqual([{ type: "pong" }, { type: "pong" }]);
    expect(world.waits("pong")).toEqual([]);
    two.transport.send(PING_TEXT);
    expect(world.last().sent).toEqual(["ping", "ping"]);
  });

  test("a socket that is silent, or does not open in time, is given up", async () => {
    const world = sharedSocketWorld();
    const one = await live(world);
    one.transport.send(PING_TEXT);
    world.fire("pong");
    expect([one.heard, world.last().closes]).toEqual([[4000], [4000]]);
    const again = world.open();
    world.fire("deadline");
    expect([again.heard, world.last().closes]).toEqual([[4000], [4000]]);
    const list = world.list();
    world.opened();
    list.transport.send(PING_TEXT);
    expect(world.last().sent).toEqual(["ping"]);
  });
});

describe("a socket that is lost", () => {
  test("[CLS-1] all hear the code, and come back together after one wait", async () => {
    const world = sharedSocketWorld();
    const list = world.list();
    const [one, two] = [await live(world), await live(world, TWO, "2")];
    const order: string[] = [];
    for (const [name, line] of Object.entries({ list, one, two })) {
      line.react = () => order.push(name);
    }
    world.lost(4029);
    expect(order, "who knows how long to stay away comes first").toEqual(["one", "two", "list"]);
    one.start("reconnect", 700);
    two.start("reconnect", 3);
    list.start("reconnect", 4);
    expect(world.waits("reconnect")).toEqual([700]);
    world.fire("reconnect");
    expect(order.slice(3)).toEqual(["one", "two", "list"]);
  });

  test("when one of them does not wait, the others need not wait either", async () => {
    const world = sharedSocketWorld();
    const [one, two] = [await live(world), await live(world, TWO, "2")];
    world.lost(1006);
    two.start("reconnect", 9_000);
    one.start("reconnect", 9_000);
    const woken = world.open(ONE);
    expect(two.heard).toEqual([1006]);
    world.opened();
    expect([woken.heard, two.heard]).toEqual([["opened"], [1006, "reconnect"]]);
    expect(world.waits("reconnect")).toEqual([]);
  });

  test("one that waited alone goes on waiting with the others", async () => {
    const world = sharedSocketWorld();
    const one = await live(world);
    const alone = await live(world, TWO, "2");
    world.tell(error("UNAVAILABLE", { conversationId: "two", ref: "2", retryable: true }));
    alone.start("reconnect", 5);
    world.lost(1006);
    one.start("reconnect", 10_000);
    for (const [name, { ms, onTimeout }] of new Map(world.pending)) {
      if (ms === 5 && world.pending.delete(name)) onTimeout();
    }
    expect(alone.heard.at(-1)).toBe(CLOSE_CODES.unavailable);
    world.fire("reconnect");
    expect([one.heard.at(-1), alone.heard.at(-1)]).toEqual(["reconnect", "reconnect"]);
  });

  test("what it had still to carry does not go to the next one", async () => {
    const world = sharedSocketWorld();
    const one = await live(world);
    one.say({ type: "next" });
    world.lost(1006);
    world.open();
    world.opened();
    await turnEnds();
    expect(world.last().sent).toEqual([]);
  });

  test("[CLS-2] only who dials asks for a fresh token", async () => {
    const world = sharedSocketWorld();
    const two = world.shared.conversation(TWO);
    await two.token(true);
    await live(world);
    await two.token(true);
    await world.shared.conversation(ONE).token(true);
    await world.shared.list().token(true);
    expect(world.token.mock.calls).toEqual([[true], [false], [true], [false]]);
  });

  test("one that cannot be dialled at all is nobody's", () => {
    const world = sharedSocketWorld();
    world.fail(new SyntaxError("no such scheme"));
    expect(() => world.open()).toThrow(SyntaxError);
    expect(world.pending.size).toBe(0);
    world.fail(undefined);
    world.open();
    expect(world.dials.map(({ url }) => url)).toEqual(["ws://edge/socket"]);
  });
});

test("a second session of a conversation has a socket of its own, and one beyond what the socket may carry", () => {
  const world = sharedSocketWorld();
  world.open();
  const second = world.open();
  expect(world.dials.map(({ url }) => url)).toEqual(["ws://edge/socket", "ws://edge/own"]);
  world.last().events.lost(1006, "");
  expect(second.heard).toEqual([1006]);
  for (let n = 1; n < 400; n++) world.open(conversationId(`c${n}`));
  expect(world.dials).toHaveLength(2);
  world.open(TWO);
  expect(world.dials).toHaveLength(3);
});
