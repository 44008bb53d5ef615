import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { logEventSchema } from "../protocol/event.ts";
import { ackSchema, eventsSchema } from "../protocol/server-frames.ts";
import type { ChangeEvent } from "./conversation.ts";
import {
  ackText,
  changeBodyText,
  eventsFrameText,
  eventText,
  hiddenEventText,
  messageBodyText,
  outboxEventText,
  type LogRow,
} from "./event-text.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const text = fc.string({ unit: "binary", maxLength: 30 });
const moment = fc.nat();
/** A message's row as the log may hold it. */
const messageRow: fc.Arbitrary<LogRow> = fc.record({
  seq: fc.nat(),
  at: moment,
  type: fc.constant("message" as const),
  senderId: text,
  clientMessageId: text,
  body: text.map((content) => messageBodyText({ type: "TEXT", content })),
  version: fc.integer({ min: 1, max: 9 }),
  editedAt: fc.option(moment),
  deletedAt: fc.option(moment),
  mentions: fc.constant(null),
  traceparent: fc.option(fc.constant(TRACE)),
});

function row(fields: Partial<LogRow>): LogRow {
  return {
    seq: 7,
    at: 1_000,
    type: "message",
    senderId: "ada",
    clientMessageId: "k1",
    body: '{"type":"TEXT","content":"hi"}',
    version: 1,
    editedAt: null,
    deletedAt: null,
    mentions: null,
    traceparent: null,
    ...fields,
  };
}

describe("an event's text", () => {
  test("of a message is what JSON.stringify makes of the event", () => {
    const event = {
      seq: 7,
      at: 1_000,
      type: "message",
      senderId: "ada",
      clientMessageId: "k1",
      message: { type: "TEXT", content: "hi" },
    };
    expect(eventText(row({}))).toBe(JSON.stringify(event));
  });

  test("[CHG-1] of an edited or deleted message says so", () => {
    const edited = row({ version: 3, editedAt: 2_000 });
    expect(JSON.parse(eventText(edited))).toMatchObject({ version: 3, editedAt: 2_000 });
    expect(JSON.parse(eventText(edited))).not.toHaveProperty("deletedAt");
    const deleted = row({ deletedAt: 3_000 });
    expect(JSON.parse(eventText(deleted))).toMatchObject({ deletedAt: 3_000 });
    expect(JSON.parse(eventText(deleted))).not.toHaveProperty("version");
  });

  test("[ORD-1] of the founding carries the conversation", () => {
    const conversation = { type: "group", name: "Team", members: [] };
    const founding = row({
      seq: 0,
      type: "founded",
      clientMessageId: null,
      body: JSON.stringify(conversation),
    });
    expect(JSON.parse(eventText(founding))).toEqual({
      seq: 0,
      at: 1_000,
      type: "founded",
      senderId: "ada",
      conversation,
    });
  });

  test.each<ChangeEvent>([
    { type: "edited", target: 3, version: 2, content: 'a "b"' },
    { type: "deleted", target: 3 },
    { type: "erased", userId: "bo", targets: [3, 5] },
    { type: "reaction", target: 3, emoji: "👍", active: true },
    { type: "membership", action: "left", members: [] },
    { type: "settings", settings: { locked: true } },
  ])("of $type has the fields of its own beside seq, time and sender", (change) => {
    const changed = row({ type: change.type, body: changeBodyText(change) });
    expect(JSON.parse(eventText(changed))).toEqual({
      seq: 7,
      at: 1_000,
      senderId: "ada",
      ...change,
    });
  });

  test.each<{ change: ChangeEvent; told: object }>([
    {
      change: { type: "reported", target: 3, version: 1, reason: "x", reports: 2, isSpam: true },
      told: { type: "flagged", target: 3, isSpam: true },
    },
    {
      change: { type: "reported", target: 3, version: 1, reason: "x", reports: 1, isSpam: false },
      told: { type: "hidden" },
    },
    {
      change: { type: "judged", target: 3, isSpam: false },
      told: { type: "flagged", target: 3, isSpam: false },
    },
  ])("[MOD-1] of $change.type is for the bridge; readers get $told", ({ change, told }) => {
    const changed = row({ type: change.type, body: changeBodyText(change) });
    const whole = { seq: 7, at: 1_000, senderId: "ada", ...change };
    expect(JSON.parse(outboxEventText(changed, undefined))).toEqual(whole);
    expect(JSON.parse(eventText(changed))).toEqual({ seq: 7, at: 1_000, ...told });
  });

  test.each([
    [undefined, undefined],
    ["reported", true],
    ["spam", true],
    ["harmless", undefined],
  ] as const)("[MOD-2] of a message with the flag %s has isSpam %s", (flag, isSpam) => {
    const flagged = row(flag === undefined ? {} : { flag });
    expect(Object(JSON.parse(eventText(flagged)))["isSpam"]).toBe(isSpam);
  });

  test("whatever the message: it is JSON, survives a second writing, and is an event of the protocol", () => {
    fc.assert(
      fc.property(messageRow, (message) => {
        const written = eventText(message);
        const event: unknown = JSON.parse(written);
        expect(JSON.stringify(event)).toBe(written);
        expect(v.parse(logEventSchema, event)).toEqual(event);
      }),
    );
  });

  test("[TRC-1] of the bridge has the trace and the ended version beside what readers get, where there is one", () => {
    const ended = fc.option(fc.constant({ version: 1, at: 5, content: "old" }), { nil: undefined });
    fc.assert(
      fc.property(messageRow, ended, (message, replaced) => {
        const { traceparent } = message;
        expect(JSON.parse(outboxEventText(message, replaced))).toEqual({
          ...JSON.parse(eventText(message)),
          ...(replaced === undefined ? {} : { replaced }),
          ...(traceparent === null ? {} : { traceparent }),
        });
        expect(eventText(message)).not.toContain(TRACE);
      }),
    );
  });

  test("[CHG-5] of a hidden message keeps its place and nothing else", () => {
    expect(JSON.parse(hiddenEventText(row({})))).toEqual({ seq: 7, at: 1_000, type: "hidden" });
  });
});

test("[ORD-3] an ack's text is an ack, whatever the key", () => {
  fc.assert(
    fc.property(text, fc.nat(), moment, (clientMessageId, seq, at) => {
      const ack: unknown = JSON.parse(ackText(clientMessageId, seq, at));
      expect(v.parse(ackSchema, ack)).toEqual({ type: "ack", clientMessageId, seq, at });
    }),
  );
});

test("[RES-3] a frame of events holds them in order, and says when there are more", () => {
  fc.assert(
    fc.property(fc.array(messageRow, { maxLength: 5 }), fc.boolean(), (rows, more) => {
      const frame: unknown = JSON.parse(eventsFrameText(rows.map(eventText), more));
      const parsed = v.parse(eventsSchema, frame);
      expect(parsed.events.map(({ seq }) => seq)).toEqual(rows.map(({ seq }) => seq));
      expect(parsed.more ?? false).toBe(more);
    }),
  );
});
