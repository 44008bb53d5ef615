import { describe, expect, test, vi } from "vitest";
import { PING_TEXT, PONG_TEXT } from "../protocol/client-frames.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { RefusedError, refused } from "./errors.ts";
import { ListFeed } from "./list-feed.ts";
import type { Timers } from "./timers.ts";
import type { TransportEvents } from "./transport.ts";

/** A feed on a network in memory; `fire` ends a wait. */
function setUp(token = vi.fn<(fresh: boolean) => Promise<string>>(async () => "jwt")) {
  const dials: { url: string; subprotocols: readonly string[]; events: TransportEvents }[] = [];
  const sent: string[] = [];
  const closes: number[] = [];
  const pending = new Map<string, () => void>();
  const timers: Timers = {
    start: (timer, _ms, onTimeout) => void pending.set(timer, onTimeout),
    stop: (timer) => void pending.delete(timer),
  };
  const feed = new ListFeed("wss://edge/socket", {
    token,
    timers,
    random: () => 0,
    dial: (url, subprotocols, events) => {
      dials.push({ url, subprotocols, events });
      return { send: (text) => void sent.push(text), close: (code) => void closes.push(code) };
    },
  });
  const heard: unknown[] = [];
  feed.on("open", () => heard.push("open"));
  feed.on("entry", ({ conversationId, lastSeq }) => heard.push([conversationId, lastSeq]));
  feed.on("removed", (conversationId) => heard.push([conversationId, "removed"]));
  feed.on("ended", ({ code }) => heard.push(code));
  const dialled = async (count: number) => {
    await vi.waitUntil(() => dials.length === count);
    const last = dials.at(-1);
    if (last === undefined) throw new Error("nothing was dialled");
    return last.events;
  };
  const fire = (timer: string) => {
    const onTimeout = pending.get(timer);
    pending.delete(timer);
    onTimeout?.();
  };
  return { feed, dials, dialled, sent, closes, pending, heard, fire, token };
}

const entryText = (conversationId: string, lastSeq: number) =>
  JSON.stringify({
    conversationId,
    type: "entry",
    entry: {
      conversationId,
      type: "group",
      name: "Team",
      lastMessage: null,
      lastSeq,
      unreadCount: lastSeq,
      createdAt: "2026-01-01T00:00:00.000Z",
      updatedAt: "2026-01-01T00:00:00.000Z",
    },
  });

describe("[MUX-5] the list's feed", () => {
  test("tells entries as they come, and passes over everything else", async () => {
    const { feed, dials, dialled, heard } = setUp();
    feed.open();
    const socket = await dialled(1);
    expect(dials[0]).toMatchObject({
      url: "wss://edge/socket",
      subprotocols: ["parley.v1", "bearer.jwt"],
    });
    socket.opened();
    socket.text(entryText("a", 1));
    socket.text(`[${entryText("b", 2)},{"type":"news","conversationId":"c"}]`);
    for (const other of ["not json", "7", '{"type":"entry","entry":{"muted":true}}', PONG_TEXT])
      socket.text(other);
    socket.text(entryText("a", 3));
    socket.text('{"type":"entry","entry":{"conversationId":"b","removed":true}}');
    expect(heard).toEqual(["open", ["a", 1], ["b", 2], ["a", 3], ["b", "removed"]]);
  });

  test("comes back after a cut, and says so, for what it missed was told to nobody", async () => {
    const { feed, dialled, heard, fire } = setUp();
    feed.open();
    const first = await dialled(1);
    first.opened();
    first.lost(1006, "");
    first.text(entryText("late", 1));
    fire("reconnect");
    (await dialled(2)).opened();
    expect(heard).toEqual(["open", "open"]);
  });

  test("hangs up on a socket that is silent, or does not open, and dials again", async () => {
    const { feed, dialled, closes, sent, pending, fire } = setUp();
    feed.open();
    await dialled(1);
    fire("deadline");
    fire("reconnect");
    const second = await dialled(2);
    second.opened();
    expect(sent).toEqual([PING_TEXT]);
    second.text(PONG_TEXT);
    expect(pending.has("pong")).toBe(false);
    fire("ping");
    fire("pong");
    expect(closes).toEqual([4000, 4000]);
    fire("reconnect");
    await dialled(3);
  });

  test("asks for a fresh token after one that has expired", async () => {
    const { feed, dialled, token, fire } = setUp();
    feed.open();
    (await dialled(1)).lost(CLOSE_CODES.tokenExpired, "");
    fire("reconnect");
    await dialled(2);
    expect(token.mock.calls).toEqual([[false], [true]]);
  });

  test("ends when the server will not have the user, or nobody is signed in", async () => {
    const refusedSocket = setUp();
    refusedSocket.feed.open();
    (await refusedSocket.dialled(1)).lost(CLOSE_CODES.forbidden, "suspended");
    expect(refusedSocket.heard).toEqual(["FORBIDDEN"]);
    expect(refusedSocket.pending.size).toBe(0);
    const over = refused({ code: "INVALID_TOKEN", message: "nobody is signed in" });
    const signedOut = setUp(vi.fn(() => Promise.reject(new RefusedError(over))));
    signedOut.feed.open();
    await vi.waitUntil(() => signedOut.heard.length > 0);
    expect(signedOut.heard).toEqual(["INVALID_TOKEN"]);
  });

  test("waits out a network that is away, and looks at once when it is told to", async () => {
    const token = vi
      .fn<(fresh: boolean) => Promise<string>>()
      .mockRejectedValueOnce(new TypeError("fetch failed"))
      .mockResolvedValue("jwt");
    const { feed, dialled, pending } = setUp(token);
    feed.open();
    await vi.waitUntil(() => pending.has("reconnect"));
    feed.wake();
    await dialled(1);
  });

  test("tells nothing once it is closed", async () => {
    const { feed, dialled, heard, closes, pending } = setUp();
    feed.open();
    const socket = await dialled(1);
    socket.opened();
    feed.close();
    socket.text(entryText("a", 1));
    socket.lost(1000, "");
    expect(heard).toEqual(["open"]);
    expect(closes).toEqual([1000]);
    expect(pending.size).toBe(0);
  });
});
