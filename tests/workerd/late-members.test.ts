import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { OtherChange } from "../../core/changes/change.ts";
import { messageIdOf, type UserId } from "../../protocol/ids.ts";
import { asMember } from "../support/changes.ts";
import { api } from "./support/api.ts";
import { send, user, valueOf, type TestConversation } from "./support/conversations.ts";
import { fileOf, upload } from "./support/files.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import type { IoClient } from "./support/io-client.ts";
import { add, change, closedGroup } from "./support/late-members.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";

/** What a change of the message at a seq is, by the type of its event. */
const TELLING = {
  edited: (target) => ({ type: "edit", target, content: "edited" }),
  deleted: (target) => ({ type: "delete", target }),
  reaction: (target) => ({ type: "react", target, emoji: "👍", active: true }),
  flagged: (target) => ({ type: "report", target, reason: null, flagAt: 1 }),
} as const satisfies Record<string, (target: number) => OtherChange>;

/** Names of Socket.IO events that tell of these changes, in either dialect. */
const TOLD = /^42\["(messageEdited|messageDeleted|messageReactionChanged|messageFlagged|fileDel)/;

function tellings({ texts }: IoClient): string[] {
  return texts.filter((text) => TOLD.test(text));
}

/** A group with a message from before the newcomer and one from after, the second by the owner too. */
async function lateGroup() {
  const [ada, bob, eve] = [freshUser(), freshUser(), freshUser()];
  const group = await closedGroup(ada);
  await add(group, ada, bob);
  const { seq: old } = await send(group, ada, "old");
  const floor = (await add(group, ada, eve)) - 1;
  const { seq: readable } = await send(group, ada, "new");
  return { ada, bob, eve, group, old, floor, readable };
}

async function doorsOf(group: TestConversation, userId: UserId, cursor: number) {
  const place = new EdgePlace();
  const token = await mintToken(userId);
  const [ngomna, svc] = [
    await place.connect(userId),
    await place.dial({ token }, "&dialect=chat-svc"),
  ];
  await svc.nextEvent("offset");
  for (const client of [ngomna, svc]) {
    await client.ask("joinConversation", { conversationId: group.id });
  }
  const native = await Multiplexed.open(place, token);
  native.hello(group.id, cursor);
  await native.next(group.id, "welcome");
  const direct = await MemberSocket.join(group.id, userId, { cursor });
  return { direct, native, ngomna, svc };
}

/** The next `count` events, however they are grouped. */
async function take(next: () => Promise<object>, count: number) {
  const events: unknown[] = [];
  while (events.length < count) events.push(...[Object(await next()).events].flat());
  return events;
}

describe("a member whose history begins with the joining", () => {
  test("[MEM-5] [INB-2] is handed no message from before, also when it was news a moment ago", async () => {
    const place = new EdgePlace();
    const [ada, eve] = [freshUser(), freshUser()];
    const [adas, eves] = [await place.connect(ada), await place.connect(eve)];
    const group = await closedGroup(ada);
    await send(group, ada, "old");
    await add(group, ada, eve);
    await send(group, ada, "new");
    expect(await eves.nextEvent("newMessage")).toMatchObject({ type: "SYSTEM", seq: 3 });
    expect(await eves.nextEvent("newMessage")).toMatchObject({ content: "new", seq: 4 });
    expect(eves.texts.filter((text) => text.includes("old"))).toEqual([]);
    await expect.poll(() => adas.texts.filter((text) => text.includes("old"))).not.toEqual([]);
  });

  test.each(Object.keys(TELLING) as (keyof typeof TELLING)[])(
    "[CHG-2] [CHG-8] hears of no %s message from before, on any door",
    async (type) => {
      const { ada, bob, eve, group, old, readable } = await lateGroup();
      const actor = type === "flagged" ? bob : ada;
      const [eves, adas] = [
        await doorsOf(group, eve, readable),
        await doorsOf(group, ada, readable),
      ];
      const seq = await change(group, actor, TELLING[type](old));
      await change(group, actor, TELLING[type](readable));
      const concealed = { seq, at: expect.any(Number), type: "hidden" };
      const told = { seq: seq + 1, type, target: readable };
      const seen = [concealed, expect.objectContaining(told)];
      expect(await take(() => eves.direct.next("events"), 2)).toEqual(seen);
      expect(await take(() => eves.native.next(group.id, "events"), 2)).toEqual(seen);
      expect(await take(() => adas.direct.next("events"), 2)).toMatchObject([
        { seq, type, target: old },
        told,
      ]);
      const id = (at: number) => messageIdOf(group.id, at);
      await expect.poll(() => tellings(adas.ngomna)).toHaveLength(2);
      await expect.poll(() => tellings(eves.ngomna)).toHaveLength(1);
      expect(tellings(eves.ngomna)[0]).toContain(id(readable));
      const flags = type === "flagged" ? [expect.stringContaining(id(readable))] : [];
      await expect.poll(() => tellings(eves.svc)).toEqual(flags);
      await evictDurableObject(group.stub, { webSockets: "close" });
      const later = await MemberSocket.join(group.id, eve, { cursor: 0 });
      const events = (await later.next("events")).events.filter((event) => event.seq >= seq);
      expect(events).toMatchObject([concealed, told]);
    },
  );

  test("[CHG-7] [CHG-8] hears of those erased messages that she could read", async () => {
    const { ada, eve, group, old, readable } = await lateGroup();
    const { direct, ngomna } = await doorsOf(group, eve, readable);
    valueOf(await group.rpc.erase({ userId: "root", authority: "moderation" }, ada));
    const [erased] = await take(() => direct.next("events"), 1);
    expect(erased).toMatchObject({ type: "erased", userId: ada, targets: [readable] });
    await expect.poll(() => tellings(ngomna)).toHaveLength(1);
    const page = valueOf(await group.rpc.catchUp(eve, readable));
    expect(JSON.parse(page.events)).toEqual([erased]);
    const all = valueOf(await group.rpc.catchUp(user(ada), readable));
    expect(JSON.parse(all.events)).toMatchObject([{ targets: [readable, old] }]);
  });

  test("[FIL-13] [CHG-8] hears of no deleted file that only messages from before name", async () => {
    const [ada, eve] = [freshUser(), freshUser()];
    const group = await closedGroup(ada);
    const token = await mintToken(ada);
    const store = async () => {
      const before = { conversationId: group.id };
      return fileOf(await upload(token, { bytes: crypto.randomUUID(), before })).fileId;
    };
    const say = async (attachments: string[]) => {
      const message = { type: "FILE" as const, content: "see", attachments };
      const sends = [{ clientMessageId: crypto.randomUUID(), message }] as const;
      return valueOf(await group.rpc.append(asMember(ada), { sends }))[0]?.seq ?? 0;
    };
    const [older, again] = [await store(), await store()];
    const first = await say([older, again]);
    await add(group, ada, eve);
    const shown = await say([again]);
    const { direct, ngomna } = await doorsOf(group, eve, shown);
    await api("DELETE", `/files/${older}`, { token });
    await api("DELETE", `/files/${again}`, { token });
    const events = await take(() => direct.next("events"), 2);
    expect(events).toMatchObject([
      { seq: shown + 1, type: "hidden" },
      { seq: shown + 2, type: "fileDeleted", fileId: again, targets: [shown] },
    ]);
    await expect.poll(() => tellings(ngomna)).toHaveLength(1);
    const all = valueOf(await group.rpc.catchUp(user(ada), shown));
    expect(JSON.parse(all.events)).toMatchObject([
      { fileId: older, targets: [first] },
      { fileId: again, targets: [shown, first] },
    ]);
  });

  test("[CHG-8] reads nothing of an older message by REST, nor in her list", async () => {
    const { ada, eve, group, old, floor, readable } = await lateGroup();
    await change(group, ada, TELLING.reaction(old));
    await change(group, ada, TELLING.edited(old));
    const [hers, his] = [await mintToken(eve), await mintToken(ada)];
    for (const below of ["", "/reactions", "/status", "/history"]) {
      const path = `/messages/${messageIdOf(group.id, old)}${below}`;
      expect((await api("GET", path, { token: hers })).status, path).toBe(404);
      expect((await api("GET", path, { token: his })).status, path).toBe(200);
    }
    for (const query of ["", "&afterSeq=0", `&aroundSeq=${old}`, "&page=1"]) {
      const path = `/messages?conversationId=${group.id}${query}`;
      const { data } = await api("GET", path, { token: hers });
      const seqs = [data["messages"]].flat().map((message) => Object(message).seq);
      expect(seqs, query).toEqual([floor + 1, readable]);
    }
    await expect
      .poll(async () => (await api("GET", "/conversations", { token: hers })).data)
      .toMatchObject({ conversations: [{ lastMessage: { seq: readable, reactions: [] } }] });
  });
});
