import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { decodeClientText, decodeServerText, joinFrames } from "./frame-codec.ts";
import { LIMITS } from "./limits.ts";

const send = (clientMessageId: string, content = "hi") => ({
  type: "send",
  clientMessageId,
  message: { content },
});

const nexts = (count: number) =>
  JSON.stringify(Array.from({ length: count }, () => ({ type: "next" })));

describe("a text of a client", () => {
  test("[FRM-2] is one frame or several, in their order", () => {
    expect(decodeClientText(JSON.stringify(send("a")))).toMatchObject({
      ok: true,
      value: [{ ok: true, value: { type: "send", clientMessageId: "a" } }],
    });
    const several = decodeClientText(JSON.stringify([send("a"), { type: "next" }, send("b")]));
    expect(several).toMatchObject({
      value: [
        { value: { clientMessageId: "a" } },
        { value: { type: "next" } },
        { value: { clientMessageId: "b" } },
      ],
    });
  });

  test("[FRM-2] of no frames is no failure", () => {
    expect(decodeClientText("[]")).toEqual({ ok: true, value: [] });
  });

  test("[FRM-3] a bad frame fails alone and says whose it is; unknown fields are dropped", () => {
    const texts = [send("a"), { ...send("bad"), message: { content: 7 } }, { ...send("b"), x: 1 }];
    const decoded = decodeClientText(JSON.stringify(texts));
    if (!decoded.ok) throw new Error("the text is good");
    expect(decoded.value.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(decoded.value[1]).toMatchObject({
      error: { clientMessageId: "bad", code: "INVALID_DATA" },
    });
    expect(decoded.value[2]).not.toHaveProperty("value.x");
  });

  test.each<[string, string | ArrayBuffer, string]>([
    ["INVALID_DATA", "{", "broken JSON"],
    ["INVALID_DATA", new ArrayBuffer(2), "binary"],
    ["TOO_LARGE", nexts(LIMITS.framesPerText + 1), "too many frames"],
  ])("[FRM-1] is refused as a whole with $0: $2", (code, text, _name) => {
    expect(decodeClientText(text)).toMatchObject({ ok: false, error: { code } });
  });

  test("[FRM-1] [LIM-1] over its bytes is refused before it is parsed", () => {
    const parse = vi.spyOn(JSON, "parse");
    const text = `"${"é".repeat(LIMITS.clientFrameBytes / 2)}"`;
    expect(decodeClientText(text)).toMatchObject({ ok: false, error: { code: "TOO_LARGE" } });
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    const fits = JSON.stringify("x".repeat(LIMITS.clientFrameBytes - 2));
    expect(decodeClientText(fits)).toMatchObject({ ok: true, value: [{ ok: false }] });
  });

  test("[LIM-2] holds as many frames as it may", () => {
    const text = nexts(LIMITS.framesPerText);
    const decoded = decodeClientText(text);
    expect(decoded.ok && decoded.value.every(({ ok }) => ok)).toBe(true);
  });

  test("[FRM-1] is read without throwing, whatever it is", () => {
    const odd = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify([value, value])),
    );
    fc.assert(
      fc.property(odd, (text) => {
        expect(typeof decodeClientText(text).ok).toBe("boolean");
      }),
    );
  });

  test("[FRM-4] a key that is too long to repeat is not repeated", () => {
    const long = "k".repeat(LIMITS.clientMessageIdChars + 1);
    const decoded = decodeClientText(JSON.stringify(send(long)));
    if (!decoded.ok) throw new Error("the text is good");
    expect(decoded.value[0]).toMatchObject({ ok: false });
    expect(decoded.value[0]).not.toHaveProperty("error.clientMessageId");
  });
});

describe("a text of the server", () => {
  const pong = { type: "pong" };

  test("of a newer server: frames of unknown types are skipped, unknown fields dropped", () => {
    const text = JSON.stringify([pong, { type: "hologram" }, { ...pong, color: "red" }, 7, null]);
    expect(decodeServerText(text)).toEqual({ ok: true, value: [pong, pong] });
  });

  test("with a known frame that is wrong is refused as a whole", () => {
    const text = JSON.stringify([pong, { type: "ack", seq: -1 }]);
    expect(decodeServerText(text)).toMatchObject({ ok: false });
    expect(decodeServerText("{")).toMatchObject({ ok: false, error: { code: "INVALID_DATA" } });
  });
});

test("[FRM-2] joined frames are what was joined", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ type: fc.string(), n: fc.nat() }), { minLength: 1 }),
      (frames) => {
        const joined: unknown = JSON.parse(
          joinFrames(frames.map((frame) => JSON.stringify(frame))),
        );
        expect([joined].flat()).toEqual(frames);
      },
    ),
  );
});
