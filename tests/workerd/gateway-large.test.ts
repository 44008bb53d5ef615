import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { asMember } from "../support/changes.ts";
import { foundGroup, range, send, valueOf } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import type { IoClient } from "./support/io-client.ts";
import { freshUser } from "./support/people.ts";

/** One that nobody follows before he has joined it. */
async function foundLarge(members: readonly string[]) {
  const conversation = await foundGroup([
    ...members,
    ...range(1, LIMITS.smallConversation).map(() => freshUser()),
  ]);
  const open = { type: "configure" as const, change: { join: "open" as const } };
  valueOf(await conversation.rpc.change(asMember(members[0] ?? ""), "k", open));
  return conversation;
}

const joinConversation = (client: IoClient, conversationId: string) =>
  client.ask("joinConversation", { conversationId });
const joinAfter = (client: IoClient, conversationId: string) =>
  client.ask("joinConversation", { conversationId, afterSeq: 1 });
const write = (client: IoClient, conversationId: string) =>
  client.ask("sendMessage", { conversationId, content: "here I am" });
const joinGroup = (client: IoClient, groupId: string) => client.ask("joinGroup", { groupId });

describe("[GTW-2] a Gateway that slept goes on in a large group", () => {
  test.each([
    { by: "joining", enter: joinConversation, isMember: true },
    { by: "joining with a cursor", enter: joinAfter, isMember: true },
    { by: "writing", enter: write, isMember: true },
    { by: "becoming a member", enter: joinGroup, isMember: false },
  ])("that its client follows by $by", async ({ enter, isMember }) => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundLarge(isMember ? [you, me] : [you]);
    const ada = await place.connect(me);
    expect(await enter(ada, conversation.id)).toMatchObject({ success: true });
    await expect
      .poll(() =>
        runInDurableObject(conversation.stub, (_, { storage }) =>
          storage.sql.exec("SELECT * FROM subscriber").toArray(),
        ),
      )
      .toHaveLength(1);
    expect(await ada.ask("ping")).toMatchObject({ success: true });
    await evictDurableObject(place.gateway, { webSockets: "hibernate" });
    await send(conversation, you, "after");
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "after" });
  });
});
