import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { decodeClientText } from "../../protocol/frame-codec.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { RawSocket } from "../support/raw-socket.ts";
import { readLog } from "../support/read-log.ts";

let parley: ParleyWorkerd;
beforeAll(async () => {
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());

const message = (content: unknown) => ({
  type: "send",
  clientMessageId: "k",
  message: { content },
});

describe("what is no frame is refused, nothing is stored, and the connection lives on", () => {
  test.each<[string, string, string]>([
    ["[FRM-1] broken JSON", "{", "INVALID_DATA"],
    ["[FRM-1] no text at all", "", "INVALID_DATA"],
    ["[FRM-1] JSON with something behind it", '{"type":"next"}x', "INVALID_DATA"],
    ["[FRM-3] an unknown type", '{"type":"nonsense"}', "INVALID_DATA"],
    [
      "[FRM-3] a type of the server",
      '{"type":"ack","clientMessageId":"k","seq":1,"at":1}',
      "INVALID_DATA",
    ],
    ["[FRM-3] no type", "{}", "MISSING_DATA"],
    ["a number", "7", "INVALID_DATA"],
    ["null", "null", "INVALID_DATA"],
    ["a list in a list", "[[]]", "INVALID_DATA"],
    ["very deep nesting", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, "INVALID_DATA"],
    [
      "[LIM-1] a text over the limit, not even JSON: it is not parsed",
      "x".repeat(LIMITS.clientFrameBytes + 1),
      "TOO_LARGE",
    ],
    ["[LIM-1] a text of megabytes", "x".repeat(4 * 1_048_576), "TOO_LARGE"],
    [
      "[LIM-1] a text over the limit in bytes alone",
      `"${"é".repeat(LIMITS.clientFrameBytes / 2)}"`,
      "TOO_LARGE",
    ],
    [
      "[LIM-2] more frames than a text may hold",
      JSON.stringify(Array.from({ length: LIMITS.framesPerText + 1 }, () => message("x"))),
      "TOO_LARGE",
    ],
    [
      "[LIM-3] too long a message",
      JSON.stringify(message("x".repeat(LIMITS.contentBytes + 1))),
      "INVALID_DATA",
    ],
    [
      "[LIM-3] metadata so deep that no call could carry it",
      `{"type":"send","clientMessageId":"k","message":{"content":"x","metadata":{"a":${"[".repeat(4_000)}${"]".repeat(4_000)}}}}`,
      "INVALID_DATA",
    ],
    ["[SND-2] an empty message", JSON.stringify(message("")), "INVALID_DATA"],
    ["content that is no text", JSON.stringify(message({ a: 1 })), "INVALID_DATA"],
    [
      "a message of the system",
      '{"type":"send","clientMessageId":"k","message":{"type":"SYSTEM","content":"x"}}',
      "INVALID_DATA",
    ],
    ["a message without a key", '{"type":"send","message":{"content":"x"}}', "MISSING_DATA"],
  ])("%s", async (_name, text, code) => {
    const conversationId = await parley.group(["alice"]);
    const socket = await RawSocket.live(parley, conversationId, "alice");
    socket.socket.send(text);
    expect(await socket.next("error")).toMatchObject({ code, retryable: false });
    expect(await socket.store("after")).toBe(1);
    expect(await readLog(parley, conversationId, "alice")).toMatchObject([{ seq: 1 }]);
    socket.socket.close();
  });

  test("[FRM-1] a binary frame", async () => {
    const socket = await RawSocket.live(parley, await parley.group(["alice"]), "alice");
    socket.socket.send(new TextEncoder().encode(JSON.stringify(message("x"))));
    expect(await socket.next("error")).toMatchObject({ code: "INVALID_DATA" });
    expect(await socket.store("after")).toBe(1);
    socket.socket.close();
  });

  test("[FRM-2] one bad frame among good ones is refused alone, with its own key", async () => {
    const socket = await RawSocket.live(parley, await parley.group(["alice"]), "alice");
    const good = (key: string) => ({
      type: "send",
      clientMessageId: key,
      message: { content: key },
    });
    socket.send([good("a"), { ...good("bad"), message: { content: 7 } }, good("b")]);
    expect(await socket.next("error")).toMatchObject({ clientMessageId: "bad" });
    expect(await socket.next("ack")).toMatchObject({ clientMessageId: "a", seq: 1 });
    expect(await socket.next("ack")).toMatchObject({ clientMessageId: "b", seq: 2 });
    socket.socket.close();
  });

  test("[FRM-1] whatever JSON is sent: each frame that is none gets one error, and the next message is stored", async () => {
    const keys = ["type", "clientMessageId", "message", "content", "version", "cursor", "target"];
    const types = fc.constantFrom(
      "send",
      "hello",
      "batch",
      "edit",
      "delete",
      "react",
      "receipt",
      "x",
    );
    const frameLike = fc.record(
      { type: types, message: fc.jsonValue() },
      { requiredKeys: ["type"] },
    );
    const odd = fc.oneof(
      fc.jsonValue(),
      frameLike,
      fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()),
    );
    const text = fc.oneof(
      odd.map((value) => JSON.stringify(value)),
      fc.string(),
    );
    const conversationId = await parley.group(["alice"]);
    let stored = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 20 }), async (texts) => {
        const socket = await RawSocket.live(parley, conversationId, "alice");
        if (stored > 0) await socket.next("events");
        let refused = 0;
        for (const each of texts) {
          const decoded = decodeClientText(each);
          const errors = decoded.ok ? decoded.value.filter(({ ok }) => !ok).length : 1;
          const isHarmless = !decoded.ok || decoded.value.every(({ ok }) => !ok);
          if (!isHarmless || refused + errors > LIMITS.refusedFrames) continue;
          refused += errors;
          socket.socket.send(each);
        }
        for (let n = 0; n < refused; n++) await socket.next("error");
        expect(await socket.store(`after ${stored}`)).toBe(++stored);
        socket.socket.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe("what ends a connection", () => {
  test("[LIM-10] the 65th refused frame, for good", async () => {
    const socket = await RawSocket.live(parley, await parley.group(["alice"]), "alice");
    for (let n = 0; n < LIMITS.refusedFrames; n++) {
      socket.socket.send("{");
      await socket.next("error");
    }
    expect(await socket.store("still alive")).toBe(1);
    socket.socket.send("{");
    await socket.next("error");
    expect(await socket.closed).toBe(CLOSE_CODES.protocol);
  });

  test.each<[string, () => Promise<string>, string, number]>([
    ["a wrong token", async () => "nonsense", "INVALID_TOKEN", CLOSE_CODES.invalidToken],
    [
      "somebody else's conversation",
      () => parley.token("mallory"),
      "NOT_FOUND",
      CLOSE_CODES.notFound,
    ],
  ])("%s, with its code and nothing more", async (_name, token, code, close) => {
    const conversationId = await parley.group(["alice"]);
    const socket = await RawSocket.open(parley, conversationId, await token());
    socket.send(message("intruder"));
    expect(await socket.next("error")).toMatchObject({ code, retryable: false });
    expect(await socket.closed).toBe(close);
    expect(await readLog(parley, conversationId, "alice")).toEqual([]);
  });
});
