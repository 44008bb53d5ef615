import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { asMember } from "../support/changes.ts";
import { foundGroup, foundNamed, send, sendMany, valueOf } from "./support/conversations.ts";
import { add, change } from "./support/late-members.ts";
import { deliveryOf } from "./support/log-delivery.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import type { IoClient } from "./support/io-client.ts";
import { freshUser, inboxOf } from "./support/people.ts";

const asleep = { webSockets: "hibernate" } as const;

/** Group ids that a hash of 48 bits without a secret gives one name: found in seconds. */
const [LISTENER, ROOM] = ["listener-9whb3", "room-d416k"] as const;

/** Of the message at this seq; what comes before it is dropped. */
async function content(client: IoClient, seq: number): Promise<unknown> {
  for (;;) {
    const message = v.parse(messageSchema, await client.nextEvent("newMessage"));
    if (message.seq >= seq) return message.content;
  }
}

const messageSchema = v.object({ seq: v.number(), content: v.string() });

describe("a Gateway", () => {
  test("[GTW-2] that slept goes on where each of its sockets was", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const [one, other] = [await foundGroup([me, you]), await foundGroup([me, you])];
    const [ada, bo] = [await place.connect(me), await place.connect(you)];
    await send(one, me, "before");
    expect(await bo.nextEvent("newMessage")).toMatchObject({ content: "before", seq: 1 });
    await bo.nextEvent("offset");
    await evictDurableObject(place.gateway, asleep);
    await send(one, you, "after");
    await send(other, you, "elsewhere");
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "before" });
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "after", seq: 2 });
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "elsewhere", seq: 1 });
    expect(await bo.nextEvent("newMessage")).toMatchObject({ content: "after", seq: 2 });
    const answer = await ada.ask("sendMessage", { conversationId: one.id, content: "awake" });
    expect(answer).toMatchObject({ success: true, seq: 3 });
  });

  test("[GTW-2] that slept gives nobody a conversation of another name", async () => {
    const place = new EdgePlace();
    const [me, you, eve] = [freshUser(), freshUser(), freshUser()];
    const room = await foundNamed(ROOM, [me, you]);
    const own = await foundNamed(LISTENER, [eve]);
    await sendMany(own, eve, 2);
    await send(room, me, "first");
    const [ada, listener] = [await place.connect(me), await place.connect(eve)];
    await evictDurableObject(place.gateway, asleep);
    await send(room, you, "second");
    await send(room, you, "among us");
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "second" });
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "among us" });
    // the answer comes behind whatever the same delivery brought
    expect(await listener.ask("ping")).toMatchObject({ success: true });
    expect(listener.texts.filter((text) => text.includes("among us"))).toEqual([]);
  });

  test("[GTW-2] reads what a lost delivery would have brought, in order", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const ada = await place.connect(me);
    await send(conversation, you, "one");
    expect(await ada.nextEvent("newMessage")).toMatchObject({ seq: 1 });
    await runInDurableObject(conversation.stub, (_, { storage }) => {
      storage.sql.exec("DELETE FROM subscriber");
    });
    await evictDurableObject(conversation.stub);
    await send(conversation, you, "lost");
    const bo = await place.connect(you);
    await send(conversation, you, "three");
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "lost", seq: 2 });
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "three", seq: 3 });
    expect(await bo.nextEvent("newMessage")).toMatchObject({ content: "three", seq: 3 });
  });

  test("asks each conversation once, however many of its people are here", async () => {
    const place = new EdgePlace();
    const names = Array.from({ length: 8 }, () => freshUser());
    const conversation = await foundGroup(names);
    const clients = await Promise.all(names.map((name) => place.connect(name)));
    const links = await runInDurableObject(conversation.stub, (_, { storage }) =>
      storage.sql.exec("SELECT * FROM subscriber").toArray(),
    );
    expect(links).toHaveLength(1);
    await sendMany(conversation, names[0] ?? "", 3);
    for (const client of clients) {
      const seqs = [];
      for (let n = 0; n < 3; n++) {
        seqs.push(((await client.nextEvent("newMessage")) as { seq: number }).seq);
      }
      expect(seqs).toEqual([1, 2, 3]);
    }
  });

  test("lets go of a conversation with the last connection of its members, and keeps no rows", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const [ada, bo] = [await place.connect(me), await place.connect(you)];
    const keys = () =>
      runInDurableObject(place.gateway, (_, { storage }) =>
        [...storage.kv.list()].map(([key]) => key),
      );
    expect(await keys()).toEqual([`feed:${conversation.id}`]);
    ada.close();
    await ada.closed;
    expect(await keys()).toEqual([`feed:${conversation.id}`]);
    bo.close();
    await bo.closed;
    await expect.poll(keys).toEqual([]);
    await expect
      .poll(() =>
        runInDurableObject(conversation.stub, (_, { storage }) =>
          storage.sql.exec("SELECT * FROM subscriber").toArray(),
        ),
      )
      .toEqual([]);
    const followers = await runInDurableObject(inboxOf(me), (_, { storage }) =>
      storage.sql.exec("SELECT gateway FROM connection").toArray(),
    );
    expect(followers).toEqual([]);
  });

  test("stays with a user who comes back before his old socket is gone", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const old = await place.connect(me);
    const [fresh] = await Promise.all([
      place.connect(me),
      old.closed.then(() => undefined),
      Promise.resolve(old.close()),
    ]);
    await send(conversation, you, "still there?");
    expect(await fresh.nextEvent("newMessage")).toMatchObject({ content: "still there?" });
  });

  test("stops with membership", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const [ada, bo] = [await place.connect(me), await place.connect(you)];
    await conversation.rpc.change(asMember(me), "k", { type: "removeMember", userId: you });
    for (const client of [ada, bo]) {
      expect(await client.nextEvent("newMessage")).toMatchObject({ type: "SYSTEM" });
    }
    await send(conversation, me, "among us");
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "among us" });
    // the answer comes behind whatever the same delivery brought
    const answer = await bo.ask("joinConversation", { conversationId: conversation.id });
    expect(answer).toMatchObject({ success: false, code: "NOT_FOUND" });
    expect(bo.texts.filter((text) => text.includes("among us"))).toEqual([]);
  });

  describe("[GTW-4] knows an old departure from a new one", () => {
    test("when it comes again after the member has come back", async () => {
      const place = new EdgePlace();
      const [me, you] = [freshUser(), freshUser()];
      const conversation = await foundGroup([me, you]);
      const [ada, bo] = [await place.connect(me), await place.connect(you)];
      await change(conversation, me, { type: "removeMember", userId: you });
      expect(await bo.nextEvent("newMessage")).toMatchObject({ type: "SYSTEM", seq: 1 });
      await add(conversation, me, you);
      const joined = await bo.ask("joinConversation", { conversationId: conversation.id });
      expect(joined).toMatchObject({ success: true, lastSeq: 2 });
      await place.gateway.deliver(await deliveryOf(conversation, me));
      await send(conversation, me, "back");
      expect(await content(ada, 3)).toBe("back");
      expect(await content(bo, 3)).toBe("back");
    });

    test("also once it has slept", async () => {
      const place = new EdgePlace();
      const [me, you] = [freshUser(), freshUser()];
      const conversation = await foundGroup([me, you]);
      const [ada, bo] = [await place.connect(me), await place.connect(you)];
      await change(conversation, me, { type: "removeMember", userId: you });
      expect(await bo.nextEvent("newMessage")).toMatchObject({ type: "SYSTEM", seq: 1 });
      await add(conversation, me, you);
      await bo.ask("joinConversation", { conversationId: conversation.id });
      await evictDurableObject(place.gateway, asleep);
      await place.gateway.deliver(await deliveryOf(conversation, me));
      await send(conversation, me, "back");
      for (const client of [ada, bo]) expect(await content(client, 3)).toBe("back");
    });

    test("and ends with the next one", async () => {
      const place = new EdgePlace();
      const [me, you] = [freshUser(), freshUser()];
      const conversation = await foundGroup([me, you]);
      const [ada, bo] = [await place.connect(me), await place.connect(you)];
      await change(conversation, me, { type: "removeMember", userId: you });
      await add(conversation, me, you);
      await bo.ask("joinConversation", { conversationId: conversation.id });
      await change(conversation, me, { type: "removeMember", userId: you });
      await send(conversation, me, "among us");
      expect(await content(ada, 4)).toBe("among us");
      // the answer comes behind whatever the same delivery brought
      expect(await bo.ask("ping")).toMatchObject({ success: true });
      expect(bo.texts.filter((text) => text.includes("among us"))).toEqual([]);
    });
  });

  test("[MEM-7] tells both dialects that the group is over, and the owner who waits to come in", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const [ada, bo] = [await place.connect(me), await place.connect(you)];
    expect(await bo.ask("joinRoom", you)).toMatchObject({ success: true });
    for (const client of [ada, bo])
      await client.ask("joinConversation", { conversationId: conversation.id });
    valueOf(await conversation.rpc.requestToJoin({ userId: freshUser(), name: "Cy", note: "" }));
    expect(await ada.nextEvent("conversationUpdated")).toMatchObject({
      conversationId: conversation.id,
      joinRequests: 1,
    });
    valueOf(await conversation.rpc.change(asMember(me), "k", { type: "dismiss" }));
    const over = { seq: 1, content: "The group was dismissed" };
    expect(await ada.nextEvent("newMessage")).toMatchObject({ ...over, type: "SYSTEM" });
    expect(await bo.nextEvent("newMessage")).toMatchObject({
      seq: 1,
      text_content: "The group was dismissed",
      message_type: "SYSTEM",
    });
    for (const client of [ada, bo]) {
      const answer = await client.ask("joinConversation", { conversationId: conversation.id });
      expect(answer).toMatchObject({ success: false, code: "NOT_FOUND" });
    }
  });

  test("ends with the token: nothing is read, nothing is sent, and a new one is asked for", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const ada = await place.connect(me, 1);
    expect(await ada.nextEvent("auth_error")).toMatchObject({ code: "TOKEN_EXPIRED" });
    const bo = await place.connect(you);
    await send(conversation, you, "unheard");
    expect(await bo.nextEvent("newMessage")).toMatchObject({ content: "unheard" });
    // the answer comes behind whatever the same delivery brought
    expect(await ada.ask("ping")).toMatchObject({ success: false, code: "INVALID_TOKEN" });
    expect(ada.texts.filter((text) => text.includes("unheard"))).toEqual([]);
  });

  test("tells a connected user of a conversation that others have opened with him", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const ada = await place.connect(me);
    const conversation = await foundGroup([you, me]);
    await send(conversation, you, "welcome");
    expect(await ada.nextEvent("newMessage")).toMatchObject({ content: "welcome", seq: 1 });
  });
});
