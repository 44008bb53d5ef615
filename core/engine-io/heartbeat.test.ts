import fc from "fast-check";
import { expect, test } from "vitest";
import { stepSession, openSession, sessionDueAt } from "./session.ts";
import type { SessionState } from "./session-state.ts";

const I = 25_000;
const rules = {
  pingIntervalMs: I,
  pingTimeoutMs: 20_000,
  upgradeTimeoutMs: 10_000,
  bufferedBytes: 1_000,
};
const START = 1_700_000_000_000;

/** An object with one alarm for its sessions, whose clients answer every ping; notes when what happened. */
function simulate(arrivals: readonly number[], until: number) {
  const sessions: { state: SessionState; openedAt: number; pings: number[] }[] = [];
  const alarms: number[] = [];
  const waiting = arrivals.toSorted((one, other) => one - other);
  for (;;) {
    const due = sessions
      .map(({ state }) => sessionDueAt(state, alarms.at(-1) ?? START, rules))
      .filter((at) => at !== null);
    const alarmAt = Math.min(...due);
    const arrival = waiting[0] ?? Infinity;
    const now = Math.min(alarmAt, arrival);
    if (now > until) return { sessions, alarms };
    if (arrival <= alarmAt) {
      waiting.shift();
      sessions.push({ state: openSession("websocket", now, rules), openedAt: now, pings: [] });
      continue;
    }
    alarms.push(now);
    for (const session of sessions) {
      const { state, effects } = stepSession(
        session.state,
        { type: "tick", heardAt: null },
        now,
        rules,
      );
      session.state = state;
      if (!effects.some((effect) => effect.type === "socket-send")) continue;
      session.pings.push(now);
      session.state = stepSession(state, { type: "frame", frame: "3" }, now + 40, rules).state;
    }
  }
}

const arrivals = fc.array(fc.integer({ min: START, max: START + I }), {
  minLength: 1,
  maxLength: 100,
});

test("a first ping comes in the last quarter of the interval, the others are never further apart", () => {
  fc.assert(
    fc.property(arrivals, (times) => {
      const { sessions } = simulate(times, START + 6 * I);
      for (const { openedAt, pings } of sessions) {
        expect(pings.length).toBeGreaterThanOrEqual(4);
        expect((pings[0] ?? 0) - openedAt).toBeGreaterThan(I * 0.75 - 1);
        for (const [n, at] of pings.entries()) {
          expect(at - (pings[n - 1] ?? openedAt)).toBeLessThanOrEqual(I);
        }
      }
    }),
  );
});

test("whoever comes when, together they cost one alarm per interval, once each was pinged", () => {
  fc.assert(
    fc.property(arrivals, (times) => {
      const { alarms } = simulate(times, START + 10 * I);
      const settled = alarms.filter((at) => at > START + 3 * I);
      for (const [n, at] of settled.entries()) {
        if (n > 0) expect(at - (settled[n - 1] ?? 0)).toBe(I);
      }
      // before that, no more than the quarters of two intervals and the ticks
      expect(alarms.length - settled.length).toBeLessThanOrEqual(8);
    }),
  );
});

test("a late alarm blames nobody who was not asked; a client that was asked and is silent is given up", () => {
  const opened = openSession("websocket", START, rules);
  const late = START + 10 * I;
  const asked = stepSession(opened, { type: "tick", heardAt: null }, late, rules);
  expect(asked.effects).toEqual([{ type: "socket-send", frames: ["2"] }]);
  const early = stepSession(asked.state, { type: "tick", heardAt: null }, late + 19_999, rules);
  expect(early.effects).toEqual([]);
  const silent = stepSession(asked.state, { type: "tick", heardAt: late - 1 }, late + I, rules);
  expect(silent.effects.map(({ type }) => type)).toEqual(["socket-close", "ended", "gone"]);
  const heard = stepSession(asked.state, { type: "tick", heardAt: late + 30 }, late + I, rules);
  expect(heard.effects).toEqual([{ type: "socket-send", frames: ["2"] }]);
});
