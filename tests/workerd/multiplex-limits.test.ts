import { env } from "cloudflare:workers";
import { expect, onTestFinished, test, vi } from "vitest";
import { Hub } from "../../durable-objects/gateway/hub.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { UnavailableError } from "../../edge/calls/object-call.ts";
import { asMember } from "../support/changes.ts";
import { foundGroup, range, valueOf } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";

/** One frame at once, and the next one as soon as the clock has moved on. */
const ONE_AT_ONCE = { ...env, SESSION_BURST: "1", SESSION_FRAMES_PER_SECOND: "1000" };

/** Two people of a group, the second of whom has connected and greeted it. */
async function greeted(place: EdgePlace) {
  const [me, you] = [freshUser(), freshUser()];
  const conversation = await foundGroup([me, you]);
  const socket = await Multiplexed.open(place, await mintToken(you));
  socket.hello(conversation.id);
  await socket.next(conversation.id, "welcome");
  return { me, you, conversation, socket };
}

/** Until there is room for a frame again. */
async function clockMoves(): Promise<void> {
  const before = Date.now();
  await expect.poll(() => Date.now()).toBeGreaterThan(before);
}

function message(clientMessageId: string) {
  return { type: "send" as const, clientMessageId, message: { content: "x" } };
}

test("[LIM-14] frames that are refused for their rate are a flood only in a row", async () => {
  const { conversation, socket } = await greeted(new EdgePlace(ONE_AT_ONCE));
  const { id: conversationId } = conversation;
  const tooMany = range(1, LIMITS.floodFrames).map(() => ({ conversationId, type: "next" }));
  for (const text of ["one", "other"]) {
    await clockMoves();
    socket.send({ conversationId, ...message(text) }, ...tooMany);
    expect(await socket.next(conversationId, "ack")).toMatchObject({ clientMessageId: text });
    for (const _ of tooMany) {
      expect(await socket.next(conversationId, "error")).toMatchObject({ code: "RATE_LIMITED" });
    }
  }
  socket.send(...tooMany, { conversationId, type: "next" }, { conversationId, type: "next" });
  expect(await socket.next(undefined, "bye")).toMatchObject({ retryAfterMs: expect.any(Number) });
  expect(await socket.closed).toBe(CLOSE_CODES.rateLimited);
});

test("[MUX-1] a change that is refused for its rate is named by its key", async () => {
  const { conversation, socket } = await greeted(new EdgePlace(ONE_AT_ONCE));
  const { id: conversationId } = conversation;
  await clockMoves();
  socket.send({ conversationId, ...message("m1") }, { conversationId, ...message("m2") });
  expect(await socket.next(conversationId, "error")).toMatchObject({
    code: "RATE_LIMITED",
    clientMessageId: "m2",
    retryAfterMs: expect.any(Number),
  });
});

test("[LIM-10] changes that the conversation's rules refuse do not close the session", async () => {
  const { me, you, conversation, socket } = await greeted(new EdgePlace());
  const { id: conversationId } = conversation;
  const mute = (until: number) =>
    conversation.rpc.change(asMember(me), `mute ${until}`, {
      type: "mute",
      userId: you,
      until,
    });
  valueOf(await mute(Date.now() + 3_600_000));
  const edit = { type: "edit", target: 9, content: "x" };
  const many = range(1, LIMITS.refusedFrames + 1);
  socket.send(...many.map((n) => ({ conversationId, ...message(`m${n}`) })));
  socket.send(...many.map((n) => ({ conversationId, ...edit, clientMessageId: `e${n}` })));
  for (const _ of [...many, ...many]) {
    expect(await socket.next(conversationId, "error")).not.toMatchObject({ code: "RATE_LIMITED" });
  }
  valueOf(await mute(0));
  socket.say(conversationId, message("heard"));
  expect(await socket.next(conversationId, "ack")).toMatchObject({ clientMessageId: "heard" });
});

test.each([
  ["before its hello", { type: "next" }],
  ["of no type that is known", { type: "odd" }],
  ["that greets a strange conversation", { type: "hello", version: 1 }],
])("[LIM-10] too many frames %s close the session", async (_, frame) => {
  const socket = await Multiplexed.open(new EdgePlace(), await mintToken(freshUser()));
  const conversationId = `strange-${crypto.randomUUID()}`;
  socket.send(...range(0, LIMITS.refusedFrames).map(() => ({ conversationId, ...frame })));
  expect(await socket.closed).toBe(CLOSE_CODES.protocol);
});

test("[LIM-10] a session that was closed is let go once, and nothing more of its text is handled", async () => {
  const socket = await Multiplexed.open(new EdgePlace(), await mintToken(freshUser()));
  const [follow, remove] = [vi.spyOn(Hub.prototype, "follow"), vi.spyOn(Hub.prototype, "remove")];
  onTestFinished(() => void vi.restoreAllMocks());
  const conversationId = `strange-${crypto.randomUUID()}`;
  const odd = range(0, 2 * LIMITS.refusedFrames).map(() => ({ conversationId, type: "odd" }));
  socket.send(...odd, { conversationId, type: "hello", version: 1 });
  expect(await socket.closed).toBe(CLOSE_CODES.protocol);
  expect(follow).not.toHaveBeenCalled();
  // the runtime may say by now that it is closed
  expect(remove.mock.calls.length).toBeLessThanOrEqual(2);
});

test("[LIM-10] greetings that find no conversation to answer them do not close the session", async () => {
  const me = freshUser();
  const { id } = await foundGroup([me]);
  const socket = await Multiplexed.open(new EdgePlace(), await mintToken(me));
  const away = vi.spyOn(Hub.prototype, "follow").mockRejectedValue(new UnavailableError("away"));
  onTestFinished(() => away.mockRestore());
  for (const _ of range(0, LIMITS.refusedFrames)) {
    socket.hello(id);
    expect(await socket.next(id, "error")).toMatchObject({ code: "UNAVAILABLE", retryable: true });
  }
  away.mockRestore();
  socket.hello(id);
  expect(await socket.next(id, "welcome")).toMatchObject({ conversationId: id });
});
