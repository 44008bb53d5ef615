import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { asMember } from "../support/changes.ts";
import { api, problem, refusalOf } from "./support/api.ts";
import {
  foundGroup,
  range,
  send,
  sendMany,
  trySend,
  user,
  valueOf,
  viewOf,
  type TestConversation,
} from "./support/conversations.ts";
import { adminToken, mintToken } from "./support/tokens.ts";

const MEMBERS = ["ada", "bo", "cy"];
const ADA = asMember("ada");

/** Every event of the log as a member reads it. */
async function logOf({ rpc }: TestConversation, readerId = "cy") {
  const events: Record<string, unknown>[] = [];
  for (let cursor = 0; ;) {
    const page = valueOf(await rpc.catchUp(user(readerId), cursor));
    const some: Record<string, unknown>[] = JSON.parse(page.events);
    events.push(...some);
    cursor = page.cursor;
    if (!page.more) return events;
  }
}

/** Which messages are still there, by their seqs. */
function standing(events: readonly Record<string, unknown>[]): unknown[] {
  return events
    .filter((event) => event["type"] === "message" && event["deletedAt"] === undefined)
    .map((event) => event["seq"]);
}

describe("erasing what somebody has written", () => {
  test("[CHG-7] takes all of it in one call and few events, counts as read, and finds nothing the second time", async () => {
    const conversation = await foundGroup(MEMBERS);
    await sendMany(conversation, "bo", 1_200);
    await sendMany(conversation, "ada", 3, "a");
    expect(await viewOf(conversation, "cy")).toMatchObject({ me: { unread: 1_000 } });
    expect(valueOf(await conversation.rpc.erase(ADA, user("bo")))).toEqual({
      erased: 1_200,
      done: true,
    });
    const events = await logOf(conversation);
    expect(standing(events)).toEqual([1_201, 1_202, 1_203]);
    const erasures = events.filter(({ type }) => type === "erased");
    expect(erasures).toMatchObject(
      range(1, 3).map(() => ({ senderId: "ada", userId: "bo", targets: expect.any(Array) })),
    );
    const targets = erasures.flatMap((event) => [event["targets"]].flat());
    expect(targets.toSorted((one, other) => Number(one) - Number(other))).toEqual(range(1, 1_200));
    expect(await viewOf(conversation, "cy")).toMatchObject({ me: { unread: 3 } });
    expect(valueOf(await conversation.rpc.erase(ADA, user("bo")))).toEqual({
      erased: 0,
      done: true,
    });
    expect(await viewOf(conversation, "cy")).toMatchObject({ head: 1_206 });
  });

  test("[CHG-7] what is not done in one call goes on by itself, also when the object is cut down in between", async () => {
    const conversation = await foundGroup(MEMBERS);
    await sendMany(conversation, "bo", 1_100);
    await send(conversation, "bo", "late");
    const { stub } = conversation;
    await runInDurableObject(stub, (_object, { storage }) => {
      // as a call leaves it that was cut down after its first write
      storage.sql.exec("INSERT INTO erasure VALUES ('bo', 'ada', 1101)");
      storage.sql.exec("INSERT INTO due VALUES ('erase', 0)");
    });
    await evictDurableObject(stub);
    await runInDurableObject(stub, (object) => object.alarm());
    expect(standing(await logOf(conversation))).toEqual([1_101]);
    const left = await runInDurableObject(stub, (_object, { storage }) =>
      storage.sql.exec("SELECT * FROM erasure").toArray(),
    );
    expect(left).toEqual([]);
  });

  test("[CHG-7] what is left of it ends with its group", async () => {
    const conversation = await foundGroup(MEMBERS);
    await sendMany(conversation, "bo", 3);
    valueOf(await conversation.rpc.change(ADA, "end", { type: "dismiss" }));
    expect(await conversation.rpc.erase(ADA, user("bo"))).toMatchObject({
      error: { code: "NOT_FOUND" },
    });
    const { stub } = conversation;
    await runInDurableObject(stub, (_object, { storage }) => {
      storage.sql.exec("INSERT INTO erasure VALUES ('bo', 'ada', 4)");
      storage.sql.exec("INSERT INTO due VALUES ('erase', 0)");
    });
    await evictDurableObject(stub);
    await runInDurableObject(stub, (object) => object.alarm());
    const left = await runInDurableObject(stub, (_object, { storage }) => [
      ...storage.sql.exec("SELECT user_id FROM erasure"),
      ...storage.sql.exec("SELECT kind FROM due WHERE kind = 'erase'"),
    ]);
    expect(left).toEqual([]);
  });

  test("[CHG-7] one turn holds up nobody: others write in between, and theirs stays", async () => {
    const conversation = await foundGroup(MEMBERS);
    await sendMany(conversation, "bo", 1_100);
    const erasing = conversation.rpc.erase(ADA, user("bo"));
    const sent = await Promise.all(range(1, 20).map((n) => send(conversation, "cy", `c${n}`)));
    expect(valueOf(await erasing)).toEqual({ erased: 1_100, done: true });
    const events = await logOf(conversation);
    expect(standing(events)).toEqual(sent.map(({ seq }) => seq).toSorted((a, b) => a - b));
    expect(events.map(({ seq }) => seq)).toEqual(range(1, events.length));
  });

  test("[CHG-7] earlier texts are left to moderators, as after a deletion", async () => {
    const conversation = await foundGroup(MEMBERS);
    await send(conversation, "bo", "k", "buy this");
    await conversation.rpc.erase(ADA, user("bo"));
    expect(valueOf(await conversation.rpc.versions(user("ada"), 1))).toMatchObject([
      { version: 1, content: "buy this" },
    ]);
    expect(await conversation.rpc.versions(user("cy"), 1)).toMatchObject({
      error: { code: "FORBIDDEN" },
    });
  });

  test("[MEM-3] a member may not, nor anybody with those above; an admin of the deployment may, being no member", async () => {
    const conversation = await foundGroup(MEMBERS);
    await send(conversation, "ada", "a");
    await send(conversation, "bo", "b");
    const path = (userId: string) => `/conversations/${conversation.id}/members/${userId}/messages`;
    const erase = async (by: string, userId: string, role = "user") =>
      api("DELETE", path(userId), { token: await mintToken(by, { claims: { role } }) });
    expect(refusalOf(await erase("cy", "bo"))).toEqual(problem(403, "FORBIDDEN"));
    expect(refusalOf(await erase("bo", "ada"))).toEqual(problem(403, "FORBIDDEN"));
    expect(refusalOf(await erase("mallory", "bo"))).toEqual(problem(404, "NOT_FOUND"));
    expect((await erase("root", "ada", "admin")).data).toMatchObject({ erased: 1, done: true });
    expect(await erase("ada", "bo")).toMatchObject({ status: 200, data: { erased: 1 } });
    const left = await conversation.rpc.change(asMember("bo"), "leaving", {
      type: "leave",
    });
    expect(left.ok).toBe(true);
    expect(await erase("ada", "bo")).toMatchObject({ status: 200, data: { erased: 0 } });
    const token = await adminToken();
    await expect
      .poll(async () => (await api("GET", "/admin/audit?target=ada", { token })).data["entries"])
      .toMatchObject([
        {
          action: "messages_erased",
          actorId: "root",
          details: { conversationId: conversation.id, messages: 1 },
        },
      ]);
  });

  test("[CHG-7] [MEM-2] moderators of a conversation lock it, admins of the deployment lock any, and both are in the audit log", async () => {
    const conversation = await foundGroup(MEMBERS);
    const token = await adminToken();
    const lock = `/moderation/conversations/${conversation.id}/lock`;
    expect((await api("PUT", lock, { token })).data).toMatchObject({ locked: true });
    expect(await trySend(conversation, "bo", "k1")).toMatchObject({ error: { code: "LOCKED" } });
    expect((await trySend(conversation, "ada", "k1")).ok).toBe(true);
    const bo = await mintToken("bo");
    const body = { conversationId: conversation.id, content: "hi" };
    expect(refusalOf(await api("POST", "/messages", { token: bo, body }))).toEqual(
      problem(423, "LOCKED"),
    );
    const unlock = { token: await mintToken("ada"), body: { locked: false } };
    await api("PATCH", `/conversations/${conversation.id}`, unlock);
    expect((await trySend(conversation, "bo", "k2")).ok).toBe(true);
    const audit = `/admin/audit?target=${conversation.id}`;
    await expect
      .poll(async () => (await api("GET", audit, { token })).data["entries"])
      .toMatchObject([
        { action: "conversation_unlocked", actorId: "ada" },
        { action: "conversation_locked", actorId: "root" },
      ]);
  });

  test("[CHG-7] a turn is bounded", async () => {
    const conversation = await foundGroup(MEMBERS);
    await sendMany(conversation, "bo", LIMITS.erasedPerEvent + 1);
    await conversation.rpc.erase(ADA, user("bo"));
    const sizes = (await logOf(conversation))
      .filter(({ type }) => type === "erased")
      .map((event) => [event["targets"]].flat().length);
    expect(sizes).toEqual([LIMITS.erasedPerEvent, 1]);
  });
});

test("the rows of an erasure are two for each message and a few for each event", async () => {
  const conversation = await foundGroup(MEMBERS, "alone-");
  await sendMany(conversation, "bo", 500);
  await evictDurableObject(conversation.stub);
  const before = (await conversation.rpc.usage()).rowsWritten;
  await conversation.rpc.erase(ADA, user("bo"));
  const written = (await conversation.rpc.usage()).rowsWritten - before;
  expect(written).toBeGreaterThan(1_000);
  expect(written).toBeLessThan(1_030);
});

test("an erasure that finds nothing leaves nothing planned", async () => {
  const conversation = await foundGroup(MEMBERS);
  const stub = env.CONVERSATION.getByName(conversation.id);
  expect(valueOf(await conversation.rpc.erase(ADA, user("bo")))).toEqual({ erased: 0, done: true });
  const due = await runInDurableObject(stub, (_object, { storage }) =>
    storage.sql.exec("SELECT kind FROM due WHERE kind = 'erase'").toArray(),
  );
  expect(due).toEqual([]);
});
