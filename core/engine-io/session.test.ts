import fc from "fast-check";
import { expect, test } from "vitest";
import { openSession, stepSession } from "./session.ts";
import type { SessionEffect, SessionInput, SessionState } from "./session-state.ts";

const rules = {
  pingIntervalMs: 25_000,
  pingTimeoutMs: 20_000,
  upgradeTimeoutMs: 10_000,
  bufferedBytes: 1_000,
};

/** Inputs in the order they come; each with the time that passes before it. */
const command: fc.Arbitrary<[SessionInput, number]> = fc.tuple(
  fc.oneof(
    fc.constantFrom<SessionInput>(
      { type: "poll" },
      { type: "poll-ripe" },
      { type: "post" },
      { type: "posted", frames: ["4in"] },
      { type: "posted", frames: ["3"] },
      { type: "posted", frames: null },
      { type: "posted", frames: ["4in", "1", "4late"] },
      { type: "offer" },
      { type: "offer-frame", frame: "2probe" },
      { type: "offer-frame", frame: "5" },
      { type: "offer-frame", frame: "4x" },
      { type: "offer-gone" },
      { type: "settle" },
      { type: "tick", heardAt: null },
      { type: "close", reason: "server closed" },
      { type: "close", reason: "parse error" },
    ),
    // only a WebSocket has these
    fc.constantFrom<SessionInput>(
      { type: "frame", frame: "4in" },
      { type: "frame", frame: "3" },
      { type: "frame", frame: "x" },
      { type: "socket-gone" },
    ),
    fc.constant<SessionInput>({ type: "send", frames: [] }),
  ),
  fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 30_000 })),
);

/** Sends numbered messages in place of the empty ones, and keeps only what the transport at hand can bring. */
function run(transport: "polling" | "websocket", commands: readonly [SessionInput, number][]) {
  let state: SessionState = openSession(transport, 0, rules);
  let now = 0;
  let sent = 0;
  const steps: {
    input: SessionInput;
    before: SessionState;
    state: SessionState;
    effects: SessionEffect[];
  }[] = [];
  for (const [given, after] of commands) {
    now += after;
    const isSocketInput = given.type === "frame" || given.type === "socket-gone";
    if (isSocketInput && state.transport !== "websocket") continue;
    const input: SessionInput =
      given.type === "send" ? { type: "send", frames: [`4#${sent++}`] } : given;
    const before = state;
    const step = stepSession(state, input, now, rules);
    state = step.state;
    steps.push({ input, before, ...step });
  }
  return { steps, state };
}

function forAllRuns(check: (steps: ReturnType<typeof run>) => void): void {
  const transports = fc.constantFrom("polling" as const, "websocket" as const);
  fc.assert(
    fc.property(
      transports,
      fc.array(command, { maxLength: 60, size: "max" }),
      (transport, commands) => check(run(transport, commands)),
    ),
    { numRuns: 2_000 },
  );
}

function numbersOut(effect: SessionEffect): number[] {
  const frames =
    effect.type === "socket-send"
      ? effect.frames
      : effect.type === "answer-poll" && "frames" in effect.answer
        ? effect.answer.frames
        : [];
  return frames.flatMap((frame) =>
    String(frame).startsWith("4#") ? [Number(String(frame).slice(2))] : [],
  );
}

test("what is sent leaves once, in order, and nothing is left out before the session ends", () => {
  forAllRuns(({ steps, state }) => {
    const out: number[] = [];
    const waiting = state.outbox
      .map(String)
      .flatMap((frame) => (frame.startsWith("4#") ? [Number(frame.slice(2))] : []));
    let sent = 0;
    for (const { input, before, effects } of steps) {
      if (
        input.type === "send" &&
        (before.transport === "polling" || before.transport === "websocket")
      )
        sent++;
      out.push(...effects.flatMap(numbersOut));
    }
    const all = [...out, ...waiting];
    const first = steps.flatMap(({ input }) => (input.type === "send" ? [input] : []));
    expect(all).toEqual([...all].toSorted((one, other) => one - other));
    expect(new Set(all).size).toBe(all.length);
    if (state.transport === "polling" || state.transport === "websocket")
      expect(all.length).toBe(first.length);
    expect(all.length).toBeLessThanOrEqual(sent);
  });
});

test("every GET is accepted or answered at once, and an accepted one is answered once", () => {
  forAllRuns(({ steps, state }) => {
    let waiting = 0;
    for (const { input, effects } of steps) {
      const answers = effects.filter(({ type }) => type === "answer" || type === "accept-poll");
      if (input.type === "poll") expect(answers).toHaveLength(1);
      for (const { type } of effects) {
        if (type === "accept-poll") waiting++;
        if (type === "answer-poll") waiting--;
        expect([0, 1]).toContain(waiting);
      }
    }
    expect(waiting).toBe(state.poll === "none" ? 0 : 1);
  });
});

test("it ends once, and nothing but refusals comes after it is gone", () => {
  forAllRuns(({ steps }) => {
    const effects = steps.flatMap((step) => step.effects);
    expect(effects.filter(({ type }) => type === "ended").length).toBeLessThanOrEqual(1);
    const end = effects.findIndex(({ type }) => type === "ended");
    if (end >= 0) expect(effects.slice(end).some(({ type }) => type === "message")).toBe(false);
    const gone = effects.findIndex(({ type }) => type === "gone");
    const late =
      gone < 0 ? [] : effects.slice(gone + 1).filter(({ type }) => type !== "reject-offer");
    expect(late.every(({ type }) => type === "answer")).toBe(true);
  });
});

test("at most one WebSocket is on offer, and it is adopted, dropped or lost", () => {
  forAllRuns(({ steps, state }) => {
    let offered = 0;
    for (const { input, before, effects } of steps) {
      if (input.type === "offer-gone" && before.upgrade !== null) offered--;
      for (const { type } of effects) {
        if (type === "accept-offer") offered++;
        if (type === "adopt-offer" || (type === "drop-offer" && input.type !== "offer-gone"))
          offered--;
        expect([0, 1]).toContain(offered);
      }
    }
    expect(offered).toBe(state.upgrade === null ? 0 : 1);
  });
});

test("what waits for a GET stays within its bound, or ends the session", () => {
  const chunk = `4${"x".repeat(399)}`;
  let state = openSession("polling", 0, rules);
  for (let n = 0; n < 2; n++)
    state = stepSession(state, { type: "send", frames: [chunk] }, 0, rules).state;
  expect(state.outboxSize).toBe(800);
  const { effects } = stepSession(state, { type: "send", frames: [chunk] }, 0, rules);
  expect(effects).toEqual([{ type: "ended", reason: "too far behind" }, { type: "gone" }]);
});

test("a WebSocket that never goes on with its upgrade makes room for another", () => {
  const offered = stepSession(openSession("polling", 0, rules), { type: "offer" }, 0, rules).state;
  const early = stepSession(offered, { type: "offer" }, 9_999, rules);
  expect(early.effects).toEqual([{ type: "reject-offer" }]);
  const late = stepSession(offered, { type: "offer" }, 10_000, rules);
  expect(late.effects).toEqual([{ type: "drop-offer" }, { type: "accept-offer" }]);
});

test("a pong that comes late, but before its client was given up, still counts", () => {
  const polled = stepSession(openSession("polling", 0, rules), { type: "poll" }, 0, rules).state;
  const ping = stepSession(polled, { type: "tick", heardAt: null }, 25_000, rules).state;
  const late = ping.heartbeat.expiresAt;
  const post = stepSession(ping, { type: "post" }, late, rules);
  expect(post.effects).toEqual([]);
  const pong = stepSession(post.state, { type: "posted", frames: ["3"] }, late, rules).state;
  expect(pong.heartbeat).toMatchObject({ pingedAt: null, expiresAt: late + 45_000 });
});

test("a GET that a goodbye has overtaken is answered, the next one refused", () => {
  const open = stepSession(openSession("polling", 0, rules), { type: "post" }, 0, rules).state;
  const bye = stepSession(open, { type: "posted", frames: ["1"] }, 1, rules);
  expect(bye.effects).toEqual([{ type: "ended", reason: "client closed" }]);
  const late = stepSession(bye.state, { type: "poll" }, 2, rules);
  expect(late.effects).toEqual([
    { type: "accept-poll", ripens: false },
    { type: "answer-poll", answer: { frames: ["6"] } },
    { type: "gone" },
  ]);
  const next = stepSession(late.state, { type: "poll" }, 3, rules);
  expect(next.effects).toEqual([{ type: "answer", answer: { refusal: "session" } }]);
});
