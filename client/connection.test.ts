import { describe, expect, test } from "vitest";
import { PING_TEXT, PONG_TEXT } from "../protocol/client-frames.ts";
import type { ServerFrame } from "../protocol/server-frames.ts";
import { welcomeFrame } from "../tests/support/welcome-frame.ts";
import { step } from "./connection.ts";
import { idleConnection, type Connection, type Effect, type Input } from "./connection-state.ts";
import { encodeSend } from "./outgoing-send.ts";
import { RECONNECT_MAX_MS } from "./reconnect.ts";

/** Feeds inputs one after another; `effects` are those of the last one. */
function after(inputs: readonly Input[], start = idleConnection(0), random = 0.5) {
  let connection: Connection = start;
  let effects: Effect[] = [];
  for (const input of inputs) ({ connection, effects } = step(connection, input, random));
  return { connection, effects };
}

const welcome = welcomeFrame();

const frames = (...all: ServerFrame[]): Input => ({
  type: "text",
  dial: 1,
  text: JSON.stringify(all),
});
const send = (key: string): Input => {
  const frame = encodeSend(key, key);
  if (!frame.ok) throw new Error(frame.error.message);
  return { type: "send", clientMessageId: key, frame: frame.value };
};
const opening: Input[] = [{ type: "open" }, { type: "opened", dial: 1 }];
const live: Input[] = [...opening, frames(welcome)];
const texts = (effects: Effect[]): unknown[] =>
  effects.flatMap((effect) => (effect.type === "transmit" ? [JSON.parse(effect.text)] : []));
const waits = (effects: Effect[]): number[] =>
  effects.flatMap((effect) =>
    effect.type === "startTimer" && effect.timer === "reconnect" ? [effect.ms] : [],
  );
const lost = (code: number): Input => ({ type: "lost", dial: 1, code, reason: "" });

describe("greeting", () => {
  test("[HEL-1] hello carries the cursor and the keys that have no ack", () => {
    const { effects } = after([send("a"), send("b"), ...opening], idleConnection(7));
    expect(texts(effects)).toEqual([{ type: "hello", version: 1, cursor: 7, pending: ["a", "b"] }]);
  });

  test("[HEL-4] fates settle what is stored; only the rest goes out again, under the same key", () => {
    const stored = { ...welcome, head: 4, fates: [{ clientMessageId: "a", seq: 4, at: 40 }] };
    const { connection, effects } = after([send("a"), send("b"), ...opening, frames(stored)]);
    expect(effects).toContainEqual({ type: "stored", clientMessageId: "a", seq: 4, at: 40 });
    expect(texts(effects)).toMatchObject([{ type: "send", clientMessageId: "b" }]);
    expect(connection.queue.map(({ clientMessageId }) => clientMessageId)).toEqual(["b"]);
  });

  test.each([
    ["another epoch", { ...welcome, epoch: "e2", head: 9 }],
    ["a head before the cursor", { ...welcome, epoch: "e1", head: 3 }],
  ])("[RES-4] %s discards the timeline", (_name, answer) => {
    const start = { ...idleConnection(5), epoch: "e1" };
    const { connection, effects } = after([...opening, frames(answer)], start);
    expect(effects).toContainEqual({ type: "reset" });
    expect(connection).toMatchObject({ cursor: 0, epoch: answer.epoch });
  });

  test("no welcome in time ends the socket and waits", () => {
    const { connection, effects } = after([...opening, { type: "timeout", timer: "deadline" }]);
    expect(connection.phase).toEqual({ state: "waiting" });
    expect(effects[0]).toMatchObject({ type: "hangUp" });
  });
});

describe("live", () => {
  test("sends of one turn leave as one text, and only once", () => {
    const { connection, effects } = after([...live, send("a"), send("b"), { type: "flush" }]);
    expect(texts(effects)).toMatchObject([[{ clientMessageId: "a" }, { clientMessageId: "b" }]]);
    expect(after([{ type: "flush" }], connection).effects).toEqual([]);
  });

  test("[RES-3] a page that has more is answered by next", () => {
    const { effects } = after([...live, frames({ type: "events", events: [], more: true })]);
    expect(texts(effects)).toEqual([{ type: "next" }]);
  });

  test("[RES-3] a page that is refused for now is asked for again, until one comes", () => {
    const more = frames({ type: "events", events: [], more: true });
    const later = frames({
      type: "error",
      code: "RATE_LIMITED",
      message: "slower",
      retryable: true,
      retryAfterMs: 700,
    });
    const refusedPage = after([...live, more, later]);
    expect(refusedPage.effects).toContainEqual(
      expect.objectContaining({ type: "startTimer", timer: "page" }),
    );
    const waited = { type: "timeout", timer: "page" } as const;
    expect(texts(after([waited], refusedPage.connection).effects)).toEqual([{ type: "next" }]);
    const page = frames({ type: "events", events: [eventOf(1)] });
    const served = after([page, later, waited], refusedPage.connection);
    expect(served.effects).not.toContainEqual(expect.objectContaining({ timer: "page" }));
    expect(texts(served.effects)).toEqual([]);
  });

  test("[RES-5] a missing event ends the socket; the resume asks from before the hole", () => {
    const hole: ServerFrame = { type: "events", events: [eventOf(1), eventOf(3)] };
    const { connection, effects } = after([...live, frames(hole)]);
    expect(effects).toContainEqual({ type: "deliver", events: [eventOf(1)] });
    expect(effects).toContainEqual(expect.objectContaining({ type: "hangUp" }));
    expect(connection).toMatchObject({ cursor: 1, phase: { state: "waiting" } });
  });

  test("[LIV-1] [LIV-2] the keep-alive is the exact text; any answer stops its clock, silence ends the socket", () => {
    const pinged = after([...live, { type: "timeout", timer: "ping" }]);
    expect(pinged.effects).toContainEqual({ type: "transmit", text: PING_TEXT });
    const answered = after([{ type: "text", dial: 1, text: PONG_TEXT }], pinged.connection);
    expect(answered.effects).toContainEqual({ type: "stopTimers", timers: ["pong"] });
    const silent = after([{ type: "timeout", timer: "pong" }], pinged.connection);
    expect(silent.connection.phase).toEqual({ state: "waiting" });
  });

  test("what is no text of the protocol ends the socket", () => {
    const { connection } = after([...live, { type: "text", dial: 1, text: "<html>" }]);
    expect(connection.phase).toEqual({ state: "waiting" });
  });

  test("a frame type of a newer server is skipped", () => {
    const { connection } = after([...live, { type: "text", dial: 1, text: '{"type":"newer"}' }]);
    expect(connection.phase.state).toBe("live");
  });
});

describe("refusals", () => {
  const refusal = (retryable: boolean): ServerFrame => ({
    type: "error",
    code: retryable ? "RATE_LIMITED" : "INVALID_DATA",
    message: "no",
    retryable,
    clientMessageId: "a",
    retryAfterMs: 200,
  });
  const sent: Input[] = [...live, send("a"), send("b"), { type: "flush" }];

  test("a final one fails just that send", () => {
    const { connection, effects } = after([...sent, frames(refusal(false))]);
    expect(effects).toContainEqual(
      expect.objectContaining({ type: "failed", clientMessageId: "a" }),
    );
    expect(connection.queue.map(({ clientMessageId }) => clientMessageId)).toEqual(["b"]);
  });

  test("after `later` nothing new leaves until the wait is over, then the same frame goes out again", () => {
    const held = after([...sent, frames(refusal(true)), send("c"), { type: "flush" }]);
    expect(held.effects).toEqual([]);
    const resent = after([{ type: "timeout", timer: "resend" }], held.connection);
    expect(texts(resent.effects)).toMatchObject([
      [{ clientMessageId: "a" }, { clientMessageId: "c" }],
    ]);
  });

  test("a send that is told `later` for ever fails in the end and frees the others", () => {
    let { connection } = after(sent);
    for (let refusals = 0; refusals < 9; refusals++) {
      ({ connection } = after(
        [frames(refusal(true)), { type: "timeout", timer: "resend" }],
        connection,
      ));
    }
    expect(connection.queue.map(({ clientMessageId }) => clientMessageId)).toEqual(["b"]);
  });

  test("[LIM-5] a send beyond what hello may list is refused, and the queue stays", () => {
    const full = after(Array.from({ length: 1_000 }, (_, n) => send(`k${n}`))).connection;
    const { connection, effects } = after([send("one more")], full);
    expect(effects).toEqual([
      { type: "failed", clientMessageId: "one more", failure: { type: "queueFull" } },
    ]);
    expect(connection).toEqual(full);
  });
});

describe("cuts", () => {
  test.each([1000, 1006, 4000, 4008, 4011, 4029])(
    "[CLS-1] after close %i the client comes back",
    (code) => {
      expect(after([...live, lost(code)]).connection.phase).toEqual({ state: "waiting" });
    },
  );

  test.each([
    [4500, "INVALID_DATA"],
    [4501, "INVALID_TOKEN"],
    [4503, "FORBIDDEN"],
    [4504, "NOT_FOUND"],
    [4999, "INVALID_DATA"],
  ])("[CLS-1] close %i is the end and says %s", (closeCode, code) => {
    const { connection, effects } = after([...live, send("a"), lost(closeCode)]);
    expect(connection.phase).toMatchObject({ state: "closed", why: { code } });
    expect(effects).toContainEqual(
      expect.objectContaining({ type: "failed", clientMessageId: "a" }),
    );
  });

  test("[CLS-2] after 4401 dials ask for a fresh token until one is welcome", () => {
    const expired = after([...live, lost(4401), { type: "timeout", timer: "reconnect" }]);
    expect(expired.effects).toContainEqual({ type: "dial", dial: 2, freshToken: true });
    const again = after(
      [{ type: "lost", dial: 2, code: 1006, reason: "" }, { type: "wake" }],
      expired.connection,
    );
    expect(again.effects).toContainEqual({ type: "dial", dial: 3, freshToken: true });
  });

  test("the server's wish is the least wait: bye before the slot of the welcome", () => {
    const slotted = [...opening, frames({ ...welcome, reconnectSlotMs: 700 })];
    expect(waits(after([...slotted, lost(1006)], idleConnection(0), 0).effects)).toEqual([700]);
    const bye = frames({ type: "bye", retryAfterMs: 2_000 });
    expect(waits(after([...slotted, bye, lost(4000)], idleConnection(0), 0).effects)).toEqual([
      2_000,
    ]);
  });

  test("waits grow to the cap and stay there; an event sets them back", () => {
    let { connection } = after([{ type: "open" }], idleConnection(0), 0.999);
    let effects: Effect[];
    const seen: number[] = [];
    for (let dial = 1; dial <= 10; dial++) {
      ({ connection, effects } = after(
        [{ type: "lost", dial, code: 1006, reason: "" }],
        connection,
        0.999,
      ));
      seen.push(...waits(effects));
      ({ connection } = after([{ type: "wake" }], connection));
    }
    expect(seen).toEqual([499, 999, 1_998, 3_996, 7_992, 15_984, 29_970, 29_970, 29_970, 29_970]);
    const event: ServerFrame = { type: "events", events: [eventOf(1)] };
    const { dial } = connection;
    ({ effects } = after(
      [
        { type: "opened", dial },
        { type: "text", dial, text: JSON.stringify([{ ...welcome, head: 1 }, event]) },
        { type: "lost", dial, code: 1006, reason: "" },
      ],
      connection,
      0.999,
    ));
    expect(waits(effects)).toEqual([499]);
  });

  test("a wrong wish of the server does not strand the client", () => {
    const bye = frames({ type: "bye", retryAfterMs: 1e12 });
    const [ms] = waits(after([...live, bye, lost(4000)]).effects);
    expect(ms).toBeLessThanOrEqual(RECONNECT_MAX_MS);
  });

  test("a wake dials at once while waiting and looks after a socket that may be dead", () => {
    expect(after([...live, lost(1006), { type: "wake" }]).connection.phase).toEqual({
      state: "dialing",
    });
    expect(after([...live, { type: "wake" }]).effects).toContainEqual({
      type: "transmit",
      text: PING_TEXT,
    });
  });
});

function eventOf(seq: number) {
  const message = { type: "TEXT" as const, content: "hi" };
  return {
    seq,
    at: 1,
    type: "message" as const,
    senderId: "a",
    clientMessageId: `k${seq}`,
    message,
  };
}

describe("receipts", () => {
  const timers = (effects: Effect[]) =>
    effects.flatMap((effect) => (effect.type === "startTimer" ? [effect.timer] : []));

  test("[RCP-1] gather for a moment and leave as one, the furthest of each", () => {
    const first = after([...live, { type: "receipt", delivered: 3 }]);
    expect(timers(first.effects)).toEqual(["receipt"]);
    const second = after([{ type: "receipt", read: 2 }], first.connection);
    const third = after([{ type: "receipt", delivered: 5 }], second.connection);
    expect([...second.effects, ...third.effects]).toEqual([]);
    const left = after([{ type: "timeout", timer: "receipt" }], third.connection);
    expect(texts(left.effects)).toEqual([{ type: "receipt", delivered: 5, read: 2 }]);
    expect(after([{ type: "receipt", read: 1 }], left.connection).effects).toEqual([]);
  });

  test("[RCP-1] what may not have arrived before a cut is in the next hello", () => {
    const { effects } = after([
      ...live,
      { type: "receipt", read: 4 },
      lost(1006),
      { type: "timeout", timer: "reconnect" },
      { type: "opened", dial: 2 },
    ]);
    expect(texts(effects).at(-1)).toMatchObject({
      type: "hello",
      receipt: { delivered: 4, read: 4 },
    });
  });

  test("[RCP-1] a receipt without a socket waits for the next one", () => {
    const { effects } = after([{ type: "receipt", read: 4 }, ...opening]);
    expect(texts(effects)).toMatchObject([{ type: "hello", receipt: { delivered: 4, read: 4 } }]);
  });
});

describe("the moment", () => {
  test("[LIV-3] typing is said while a socket is live, and else not at all", () => {
    const typing: Input = { type: "typing", active: true };
    expect(texts(after([...live, typing]).effects).at(-1)).toEqual({
      type: "typing",
      active: true,
    });
    expect(after([...live, lost(1006), typing]).effects).toEqual([]);
  });

  test("frames beside the log reach the application as they are", () => {
    const presence: ServerFrame = { type: "presence", userId: "bo", online: true };
    expect(after([...live, frames(presence)]).effects).toContainEqual({
      type: "tell",
      frame: presence,
    });
  });
});

test("[RES-4] a reader whose history begins later skips ahead, and nothing is reset", () => {
  const { connection, effects } = after([...opening, frames({ ...welcome, head: 9, from: 4 })]);
  expect(connection.cursor).toBe(4);
  expect(effects.some(({ type }) => type === "reset")).toBe(false);
});
