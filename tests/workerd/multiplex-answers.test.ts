import { env } from "cloudflare:workers";
import { expect, onTestFinished, test, vi } from "vitest";
import { MissedEvents } from "../../durable-objects/gateway/missed-events.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { asMember } from "../support/changes.ts";
import { foundGroup, range, send, sendMany } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";

/** What a client can tell of answers that may be to somebody else: an earlier hello, a conversation it has left. */

const HELLO = { type: "hello", version: PROTOCOL_VERSION };

test("[MUX-6] what answers a hello repeats its mark, and without one it has none", async () => {
  const [me, you] = [freshUser(), freshUser()];
  const { id } = await foundGroup([me, you]);
  const ada = await Multiplexed.open(new EdgePlace(), await mintToken(me));
  ada.send({ ...HELLO, conversationId: id, ref: "first" });
  expect(await ada.next(id, "welcome")).toMatchObject({ ref: "first" });
  ada.send(
    { type: "bye", conversationId: id },
    { ...HELLO, conversationId: id, ref: "second" },
    { ...HELLO, conversationId: id, ref: "third" },
    { ...HELLO, conversationId: "strange", ref: "fourth" },
  );
  expect(await ada.next(id, "welcome")).toMatchObject({ ref: "second" });
  expect(await ada.next(id, "error")).toMatchObject({ code: "INVALID_DATA", ref: "third" });
  expect(await ada.next("strange", "error")).toMatchObject({ code: "NOT_FOUND", ref: "fourth" });
  ada.send({ ...HELLO, conversationId: id, version: "broken", ref: "fifth" });
  expect(await ada.next(id, "error")).toMatchObject({ code: "INVALID_DATA", ref: "fifth" });
  ada.send({ type: "bye", conversationId: id }, { ...HELLO, conversationId: id });
  expect(await ada.next(id, "welcome")).not.toHaveProperty("ref");
  ada.send({ ...HELLO, conversationId: id, ref: "x".repeat(LIMITS.clientMessageIdChars + 1) });
  expect(await ada.next(undefined, "error")).toMatchObject({ code: "INVALID_DATA" });
});

test("[MUX-6] so does the refusal of one that came too fast", async () => {
  const me = freshUser();
  const { id } = await foundGroup([me]);
  const place = new EdgePlace({ ...env, SESSION_BURST: "1", SESSION_FRAMES_PER_SECOND: "1" });
  const ada = await Multiplexed.open(place, await mintToken(me));
  ada.send(
    { ...HELLO, conversationId: id, ref: "taken" },
    { ...HELLO, conversationId: "other", ref: "refused" },
  );
  expect(await ada.next("other", "error")).toMatchObject({ code: "RATE_LIMITED", ref: "refused" });
  expect(await ada.next(id, "welcome")).toMatchObject({ ref: "taken" });
});

test("[MUX-6] so does the answer to who stops being a member while he is greeted", async () => {
  const [me, you] = [freshUser(), freshUser()];
  const conversation = await foundGroup([you, me]);
  const ada = await Multiplexed.open(new EdgePlace(), await mintToken(me));
  const state = { isAsked: false, isRemoved: false };
  const page = vi.spyOn(MissedEvents.prototype, "page");
  page.mockImplementationOnce(async function held(this: MissedEvents, ...asked) {
    state.isAsked = true;
    // turns of the object's own: what another one resolves would not wake it
    while (!state.isRemoved) await scheduler.wait(1);
    return this.page(...asked);
  });
  onTestFinished(() => page.mockRestore());
  ada.send({ ...HELLO, conversationId: conversation.id, ref: "mine" });
  await expect.poll(() => state.isAsked).toBe(true);
  await conversation.rpc.change(asMember(you), "k", { type: "removeMember", userId: me });
  state.isRemoved = true;
  expect(await ada.next(conversation.id, "error")).toMatchObject({
    code: "NOT_FOUND",
    ref: "mine",
  });
});

test("[LIM-9] a page that nobody will ask for, since its conversation was left, cuts no reader of others", async () => {
  const [me, you] = [freshUser(), freshUser()];
  const [left, read] = [await foundGroup([me, you]), await foundGroup([me, you])];
  await sendMany(left, you, LIMITS.pageEvents + 1);
  const ada = await Multiplexed.open(new EdgePlace(), await mintToken(me));
  ada.hello(read.id);
  await ada.next(read.id, "welcome");
  ada.hello(left.id);
  expect(await ada.next(left.id, "events")).toMatchObject({ more: true });
  ada.say(left.id, { type: "bye" });
  const content = "x".repeat(LIMITS.contentBytes);
  const messages = Math.ceil((2 * LIMITS.bufferedBytes) / content.length);
  const seen = ada.seqs(read.id, messages);
  const closed = ada.closed.then((code) => `closed with ${code}`);
  for (const n of range(1, messages)) await send(read, you, `m${n}`, content);
  expect(await Promise.race([seen, closed])).toEqual(range(1, messages));
});
