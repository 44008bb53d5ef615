import { readFileSync } from "node:fs";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { clientFrameSchema } from "./client-frames.ts";
import { logEventSchema, readerEventSchema } from "./event.ts";
import { decodeClientText, decodeServerText } from "./frame-codec.ts";
import { bridgeFrameSchema, shardFrameSchema } from "./outbox-frames.ts";
import { serverFrameSchema } from "./server-frames.ts";

/** What stands on the wire, and what it means where defaults make that more. */
const goldenSchema = v.object({
  name: v.string(),
  /** Of outbox frames: who says it. */
  from: v.optional(v.picklist(["shard", "bridge"])),
  wire: v.looseObject({ type: v.string() }),
  value: v.optional(v.unknown()),
});
type Golden = v.InferOutput<typeof goldenSchema>;

function golden(file: string): Golden[] {
  const text = readFileSync(new URL(`fixtures/${file}.json`, import.meta.url), "utf8");
  return v.parse(v.array(goldenSchema), JSON.parse(text));
}

/** What each file holds, and how a peer of this version reads it; null when it does not. */
const KINDS = [
  {
    file: "client-frames",
    cases: golden("client-frames"),
    schema: clientFrameSchema,
    read: (wire: unknown) => {
      const text = decodeClientText(JSON.stringify(wire));
      const [only] = text.ok ? text.value : [];
      return only?.ok === true ? only.value : null;
    },
  },
  {
    file: "server-frames",
    cases: golden("server-frames"),
    schema: serverFrameSchema,
    read: (wire: unknown) => {
      const text = decodeServerText(JSON.stringify(wire));
      return text.ok ? (text.value[0] ?? null) : null;
    },
  },
  {
    file: "events",
    cases: golden("events"),
    schema: readerEventSchema,
    read: (wire: unknown) => outputOf(v.safeParse(readerEventSchema, wire)),
  },
  {
    file: "outbox-frames, of a shard",
    cases: golden("outbox-frames").filter(({ from }) => from === "shard"),
    schema: shardFrameSchema,
    read: (wire: unknown) => outputOf(v.safeParse(shardFrameSchema, wire)),
  },
  {
    file: "outbox-frames, of a bridge",
    cases: golden("outbox-frames").filter(({ from }) => from === "bridge"),
    schema: bridgeFrameSchema,
    read: (wire: unknown) => outputOf(v.safeParse(bridgeFrameSchema, wire)),
  },
];

function outputOf(parsed: { success: boolean; output: unknown }): unknown {
  return parsed.success ? parsed.output : null;
}

describe.each(KINDS)("$file", ({ cases, schema, read }) => {
  test("show every type there is", () => {
    const types = schema.options.map(({ entries }) => entries.type.literal);
    expect(new Set(cases.map(({ wire }) => wire.type))).toEqual(new Set(types));
  });

  test.each(cases)("$name: decodes, and re-encodes to the same", ({ wire, value }) => {
    const decoded = read(wire);
    expect(decoded).toEqual(value ?? wire);
    const again: unknown = JSON.parse(JSON.stringify(decoded));
    expect(again).toEqual(decoded);
    expect(read(again)).toEqual(decoded);
  });

  test.each(cases)("[FRM-3] $name: fields of a newer sender are ignored", ({ wire }) => {
    const newer = withUnknownFields(wire);
    expect(newer).not.toEqual(wire);
    expect(read(newer)).toEqual(read(wire));
  });

  test.each(cases)("$name: a field of the wrong kind is refused", ({ wire }) => {
    for (const [field, right] of Object.entries(wire)) {
      const wrong = typeof right === "object" ? "text" : { an: "object" };
      expect(read({ ...wire, [field]: wrong })).toBeNull();
    }
  });
});

describe("a newer sender", () => {
  const ack = { type: "ack", clientMessageId: "k1", seq: 1, at: 1 };

  test("[FRM-3] a frame type of a newer client is refused, and its neighbours are read", () => {
    const decoded = decodeClientText(
      JSON.stringify([{ type: "next" }, { type: "wave", clientMessageId: "k1" }, { type: "next" }]),
    );
    const frames = decoded.ok ? decoded.value : [];
    expect(frames.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(frames[1]).toMatchObject({ error: { code: "INVALID_DATA", clientMessageId: "k1" } });
  });

  test("[FRM-5] a frame type of a newer server is skipped, and its neighbours are read", () => {
    const text = JSON.stringify([{ type: "wave", at: 1 }, ack, { type: "wave" }]);
    expect(decodeServerText(text)).toEqual({ ok: true, value: [ack] });
    expect(decodeServerText('{"type":"wave"}')).toEqual({ ok: true, value: [] });
  });

  test("[OBX-7] a frame type that shard or bridge does not know is refused", () => {
    expect(v.safeParse(shardFrameSchema, { type: "wave" }).success).toBe(false);
    expect(v.safeParse(bridgeFrameSchema, { type: "wave" }).success).toBe(false);
  });
});

test("[FRM-5] an event of a later version keeps its place and shows nothing; a broken one of this is refused", () => {
  const later = { seq: 7, at: 1, type: "poll", senderId: "a", question: "?" };
  const events = (event: object) => JSON.stringify({ type: "events", events: [event] });
  expect(decodeServerText(events(later))).toEqual({
    ok: true,
    value: [{ type: "events", events: [{ seq: 7, at: 1, type: "hidden" }] }],
  });
  expect(decodeServerText(events({ ...later, type: "message" })).ok).toBe(false);
});

test("[ORD-1] the archive sees the founding, and no reader's placeholder; readers the other way round", () => {
  const [withFounding] = golden("outbox-frames").filter(({ name }) => name.includes("founding"));
  const { events } = v.parse(v.object({ events: v.array(v.unknown()) }), withFounding?.wire);
  const hidden = golden("events").find(({ wire }) => wire.type === "hidden")?.wire;
  expect(v.safeParse(logEventSchema, events[0]).success).toBe(true);
  expect(v.safeParse(readerEventSchema, events[0]).success).toBe(false);
  expect(v.safeParse(readerEventSchema, hidden).success).toBe(true);
  expect(v.safeParse(logEventSchema, hidden).success).toBe(false);
});

/** The same with a field more in every object, but for `metadata`, whose fields are the sender's own. */
function withUnknownFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknownFields);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([field, each]) => [
    field,
    field === "metadata" ? each : withUnknownFields(each),
  ]);
  return { ...Object.fromEntries(fields), ofTheFuture: { any: ["thing"] } };
}
