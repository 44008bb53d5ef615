import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { register } from "./support/api.ts";
import { foundGroup, range, send } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";

/** Somebody with an account, whom no Gateway has met. */
async function stranger() {
  const { user } = await register();
  return user;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a Gateway shows the matricule of somebody who is connected elsewhere or not at all", () => {
  test("who writes", async () => {
    const [me, you] = [freshUser(), await stranger()];
    const conversation = await foundGroup([me, you.userId]);
    const ada = await new EdgePlace().connect(me);
    await send(conversation, you.userId, "now");
    expect(await ada.nextEvent("newMessage")).toMatchObject({
      content: "now",
      senderMatricule: you.matricule,
    });
  });

  test("who has written what is caught up", async () => {
    const [me, you] = [freshUser(), await stranger()];
    // a large one is followed only once it is joined, and joined with a cursor it is read from there
    const others = range(1, LIMITS.smallConversation).map(() => freshUser());
    const conversation = await foundGroup([me, you.userId, ...others]);
    await send(conversation, you.userId, "before");
    const ada = await new EdgePlace().connect(me);
    const join = { conversationId: conversation.id, afterSeq: 0 };
    expect(await ada.ask("joinConversation", join)).toMatchObject({ success: true });
    expect(await ada.nextEvent("newMessage")).toMatchObject({
      content: "before",
      senderMatricule: you.matricule,
    });
  });

  test("who comes and types", async () => {
    const [me, { userId, matricule }] = [freshUser(), await stranger()];
    const { id: conversationId } = await foundGroup([me, userId]);
    const ada = await new EdgePlace().connect(me);
    const bo = await new EdgePlace().connect(userId);
    expect(await ada.nextEvent("user_connected")).toMatchObject({ userId, matricule });
    expect(await bo.ask("typing", { conversationId })).toMatchObject({ success: true });
    expect(await ada.nextEvent("userTyping")).toMatchObject({ userId, matricule });
  });
});

test("a message comes without its matricule when the database does not answer", async () => {
  const { DB } = env;
  const [me, you] = [freshUser(), freshUser()];
  const conversation = await foundGroup([me, you]);
  const ada = await new EdgePlace({ ...env, DB }).connect(me);
  const silent = Object.assign(DB.prepare("SELECT 1"), {
    all: () => new Promise<never>(() => undefined),
  });
  silent.bind = () => silent;
  vi.spyOn(DB, "prepare").mockReturnValue(silent);
  await send(conversation, you, "now");
  expect(await ada.nextEvent("newMessage")).toMatchObject({
    content: "now",
    senderMatricule: null,
  });
});

test("a native Gateway, which shows no matricules, looks nobody up", async () => {
  const { DB } = env;
  const prepare = vi.spyOn(DB, "prepare");
  const place = new EdgePlace({ ...env, DB });
  const [me, you, other] = [freshUser(), freshUser(), freshUser()];
  const conversation = await foundGroup([me, you, other]);
  await send(conversation, you, "before");
  const native = await Multiplexed.open(place, await mintToken(me));
  const ada = await place.connect(me);
  prepare.mockClear();
  native.hello(conversation.id);
  expect(await native.next(conversation.id, "events")).toMatchObject({ events: [{ seq: 1 }] });
  await send(conversation, other, "now");
  expect(await native.next(conversation.id, "events")).toMatchObject({ events: [{ seq: 2 }] });
  expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "now" });
  // the one for Socket.IO has, once
  expect(prepare).toHaveBeenCalledTimes(1);
});
