import fc from "fast-check";
import { expect, test } from "vitest";
import { ackFrames, connectFrames, eventFrames } from "./packet.ts";
import { PacketReader } from "./packet-reader.ts";
import type { Frame } from "../engine-io/packet.ts";

const MAX_BYTES = 1_000;

function messageOf(frame: Frame): Frame {
  return typeof frame === "string" ? frame.slice(1) : frame;
}

const name = fc
  .string()
  .filter(
    (text) =>
      ![
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
      ].includes(text),
  );
const bytes = fc.uint8Array({ maxLength: 10 });
const args = fc.array(
  fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    bytes,
    bytes.map((value) => ({ value })),
  ),
  {
    maxLength: 4,
  },
);

test("reads what the writer wrote, with any attachments", () => {
  fc.assert(
    fc.property(name, args, fc.option(fc.nat()), (event, values, ackId) => {
      const reader = new PacketReader(1_000_000);
      const frames = eventFrames("/custom", event, values, ackId ?? undefined);
      const readings = frames.map((frame) => reader.read(messageOf(frame)));
      expect(readings.slice(0, -1).every(({ type }) => type === "partial")).toBe(true);
      // what JSON does not tell apart, such as 0 and -0, is no matter of packets
      const expected = JSON.parse(JSON.stringify(values, bytesAsText)) as unknown;
      const last = readings.at(-1);
      if (last?.type !== "packet" || last.packet.type !== "event") expect.unreachable("no event");
      expect({
        ...last.packet,
        args: JSON.parse(JSON.stringify(last.packet.args, bytesAsText)),
      }).toEqual({
        type: "event",
        namespace: "/custom",
        name: event,
        args: expected,
        ackId,
      });
      expect(reader.partial).toEqual([]);
    }),
  );
});

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? `bytes ${value.join()}` : value;
}

test("nothing that a client may send throws, whatever came before it", () => {
  const frame: fc.Arbitrary<Frame> = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .tuple(
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom("", "1-", "2-", "99-", "/x,", "7"),
        fc.json(),
      )
      .map(([type, middle, json]) => `${type}${middle}${json}`),
    fc.constantFrom<Frame>(
      '51-["a",{"_placeholder":true,"num":0}]',
      '51-["a",{"_placeholder":true,"num":-1}]',
      "51-",
      "2[",
      "2",
    ),
    fc.uint8Array(),
  );
  fc.assert(
    fc.property(fc.array(frame), (frames) => {
      const reader = new PacketReader(MAX_BYTES);
      for (const part of frames)
        expect(["packet", "partial", "invalid"]).toContain(reader.read(part).type);
    }),
  );
});

test("the frames of an unfinished packet bring a new reader to the same point", () => {
  const [header, first, second] = eventFrames("/", "e", [Uint8Array.of(1), Uint8Array.of(2)]).map(
    messageOf,
  );
  if (header === undefined || first === undefined || second === undefined)
    throw new Error("three frames");
  const reader = new PacketReader(MAX_BYTES);
  reader.read(header);
  reader.read(first);
  const next = new PacketReader(MAX_BYTES);
  for (const frame of reader.partial) next.read(frame);
  expect(next.read(second)).toEqual({
    type: "packet",
    packet: {
      type: "event",
      namespace: "/",
      name: "e",
      args: [Uint8Array.of(1), Uint8Array.of(2)],
      ackId: null,
    },
  });
});

test("the frames of one packet are bounded together", () => {
  const reader = new PacketReader(MAX_BYTES);
  const half = new Uint8Array(480);
  expect(reader.read('53-["e",{"_placeholder":true,"num":0}]').type).toBe("partial");
  expect(reader.read(half).type).toBe("partial");
  expect(reader.read(half).type).toBe("partial");
  expect(reader.read(half).type).toBe("invalid");
});

test("only what clients say is read: no CONNECT_ERROR, no ack without an id, no id that is no integer", () => {
  const typeOf = (text: string) => new PacketReader(MAX_BYTES).read(text).type;
  expect(
    ['4{"message":"no"}', "3[]", `2${"9".repeat(400)}["e"]`, "2", "2[]", "2[{}]"].map(typeOf),
  ).toEqual(Array.from({ length: 6 }, () => "invalid"));
  expect(["0", "1", "0/x,{}", '2["e"]', "31[]"].map(typeOf)).toEqual(
    Array.from({ length: 5 }, () => "packet"),
  );
});

test("the server's packets are the protocol's", () => {
  expect(connectFrames("/x", { sid: "a", pid: "b" })).toEqual(['40/x,{"sid":"a","pid":"b"}']);
  expect(ackFrames("/", 7, [])).toEqual(["437[]"]);
  expect(eventFrames("/", "e", [new ArrayBuffer(1)])).toEqual([
    '451-["e",{"_placeholder":true,"num":0}]',
    new Uint8Array(1),
  ]);
});
