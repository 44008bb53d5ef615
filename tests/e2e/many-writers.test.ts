import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judge } from "../chaos/verdict.ts";
import { playScript, type Played, type Script } from "../support/many-writers.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";

/** FC_SEED=n plays the same scripts again. */
const SEED = Number(process.env["FC_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

let parley: ParleyWorkerd;
beforeAll(async () => {
  console.log(`many-writers: FC_SEED=${SEED}`);
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());

/** Tears spread over a run of so many events; a few bytes later is in the middle of a frame. */
function tears(events: number, minLength: number, maxLength: number) {
  const tear = fc.record({
    participant: fc.nat({ max: 50 }),
    afterEvents: fc.integer({ min: 1, max: events }),
    bytes: fc.oneof(fc.constant(0), fc.nat({ max: 60 }), fc.nat({ max: 5_000 })),
  });
  return fc.array(tear, { minLength, maxLength });
}

function holds({ log, participants }: Played, script: Script): void {
  const count = script.writers * script.messages;
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
  expect(new Set(log.map(({ clientMessageId }) => clientMessageId)).size).toBe(count);
  expect(judge(log, participants)).toEqual({
    acked: count,
    delivered: count * participants.length,
    lost: 0,
    duplicated: 0,
    reordered: 0,
  });
  const [first, ...others] = participants.map(({ seen }) => seen);
  for (const seen of others) expect(seen).toEqual(first);
  expect(first).toMatchObject(
    log.map(({ seq, at, senderId, clientMessageId, message: { content } }) => {
      return { seq, at, senderId, clientMessageId, message: { content } };
    }),
  );
}

const WAYS = [
  { sockets: "direct", over: "sockets of their own" },
  { sockets: "shared", over: "the socket of many conversations" },
] as const;

describe.each(WAYS)(
  "[ORD-2] [ORD-3] [RES-5] many writers on $over, over networks that break",
  ({ sockets }) => {
    test("in any small script everybody ends with the same gapless log", async () => {
      const script = fc
        .record({
          writers: fc.integer({ min: 1, max: 4 }),
          readers: fc.nat({ max: 1 }),
          messages: fc.integer({ min: 1, max: 30 }),
          window: fc.integer({ min: 1, max: 8 }),
        })
        .chain((size) =>
          tears(size.writers * size.messages, 0, 12).map((torn): Script => ({
            ...size,
            tears: torn,
            sockets,
          })),
        );
      await fc.assert(
        fc.asyncProperty(script, async (played) => {
          holds(await playScript(parley, played), played);
        }),
        { numRuns: 30, seed: SEED },
      );
    });

    test("10 writers with 1,000 messages each: seq is 1 to 10,000, and every viewer holds the same array", async () => {
      const [torn = []] = fc.sample(tears(10_000, 60, 60), { numRuns: 1, seed: SEED });
      const script = { writers: 10, readers: 2, messages: 1_000, window: 32, tears: torn, sockets };
      const played = await playScript(parley, script);
      expect(played.torn).toBeGreaterThan(20);
      holds(played, script);
    });
  },
);
