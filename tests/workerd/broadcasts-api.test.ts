import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { broadcastsSchema } from "../../worker/api/schemas/broadcast.ts";
import { directConversationId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { api, problem, refusalOf } from "./support/api.ts";
import {
  accountHolders,
  completed,
  contentsIn,
  foundList,
  person,
  post,
  progressOf,
  tryFound,
  type Person,
} from "./support/broadcasts.ts";
import { adminToken } from "./support/tokens.ts";

async function listsOf({ token }: Person, query = "") {
  const { data } = await api("GET", `/broadcasts${query}`, { token });
  const { broadcasts, nextCursor } = v.parse(broadcastsSchema, data);
  return { ids: broadcasts.map(({ broadcastId }) => broadcastId), nextCursor };
}

describe("[BCT-1] a list", () => {
  test("has each recipient once, in the order given", async () => {
    const owner = await person();
    const [bob = "", carol = "", dan = ""] = await accountHolders(3);
    const list = await foundList(owner, [carol, bob, carol, dan, bob], { adminIds: [owner.id] });
    expect(list).toMatchObject({
      ownerId: owner.id,
      adminIds: [],
      recipientIds: [carol, bob, dan],
      recipientCount: 3,
      messageCount: 0,
    });
    const { data } = await api("GET", `/broadcasts/${list.broadcastId}`, { token: owner.token });
    expect(data).toEqual(list);
  });

  test("has nobody on it who sends to it, from the start or by a change", async () => {
    const [owner, admin] = await Promise.all([person(), person()]);
    const [bob = ""] = await accountHolders(1);
    const invalid = problem(400, "INVALID_DATA");
    expect(refusalOf(await tryFound(owner, [bob, owner.id]))).toEqual(invalid);
    expect(refusalOf(await tryFound(owner, [bob, admin.id], { adminIds: [admin.id] }))).toEqual(
      invalid,
    );
    expect(refusalOf(await tryFound(owner, []))).toEqual(invalid);
    const { broadcastId } = await foundList(owner, [bob]);
    for (const body of [{ adminIds: [bob] }, { recipientIds: [owner.id] }, { recipientIds: [] }]) {
      const answer = await api("PATCH", `/broadcasts/${broadcastId}`, { token: owner.token, body });
      expect(refusalOf(answer)).toEqual(invalid);
    }
  });

  test("has at most a thousand recipients", async () => {
    const owner = await person();
    const recipients = await accountHolders(LIMITS.broadcastRecipients);
    const list = await foundList(owner, recipients);
    expect(list.recipientIds).toEqual(recipients);
    const tooMany = [...recipients, ...(await accountHolders(1))];
    const tooLarge = problem(413, "TOO_LARGE");
    expect(refusalOf(await tryFound(owner, tooMany))).toEqual(tooLarge);
    const body = { recipientIds: tooMany };
    const path = `/broadcasts/${list.broadcastId}`;
    expect(refusalOf(await api("PATCH", path, { token: owner.token, body }))).toEqual(tooLarge);
  });

  test("takes nobody who has no account", async () => {
    const owner = await person();
    const [bob = ""] = await accountHolders(1);
    const unknown = problem(404, "NOT_FOUND");
    expect(refusalOf(await tryFound(owner, [bob, "nobody-of-this-id"]))).toEqual(unknown);
    const adminIds = ["nobody-of-this-id"];
    expect(refusalOf(await tryFound(owner, [bob], { adminIds }))).toEqual(unknown);
  });

  test("is the same one when its owner founds it again, and nobody else's id", async () => {
    const [owner, other] = await Promise.all([person(), person()]);
    const [bob = "", carol = ""] = await accountHolders(2);
    const broadcastId = crypto.randomUUID();
    const list = await foundList(owner, [bob], { broadcastId });
    const again = await tryFound(owner, [carol], { broadcastId });
    expect([again.status, again.data]).toEqual([200, list]);
    const taken = problem(409, "ALREADY_EXISTS");
    expect(refusalOf(await tryFound(other, [bob], { broadcastId }))).toEqual(taken);
  });

  test("is founded once under one Idempotency-Key, for each of its founders", async () => {
    const [owner, other] = await Promise.all([person(), person()]);
    const [bob = "", carol = ""] = await accountHolders(2);
    const key = crypto.randomUUID();
    const found = (founder: Person, recipient: string, used: string) =>
      tryFound(founder, [recipient], {}, { "idempotency-key": used });
    const first = await found(owner, bob, key);
    const again = await found(owner, carol, key);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.data).toEqual(first.data);
    const others = [await found(other, bob, key), await found(owner, bob, `${key}+`)];
    expect(others.map(({ status }) => status)).toEqual([201, 201]);
    const path = `/broadcasts/${String(first.data["broadcastId"])}`;
    await api("DELETE", path, { token: owner.token });
    const spent = problem(409, "ALREADY_EXISTS");
    expect(refusalOf(await found(owner, bob, key))).toEqual(spent);
  });
});

describe("[BCT-2] who may", () => {
  test("the owner does everything, an admin sends and looks, nobody else sees it", async () => {
    const [owner, admin, bob, mallory] = await Promise.all([
      person(),
      person(),
      person(),
      person(),
    ]);
    const { broadcastId } = await foundList(owner, [bob.id], { adminIds: [admin.id] });
    await post(owner, broadcastId, "hello");
    const path = `/broadcasts/${broadcastId}`;
    const does = async ({ token }: Person) => {
      const answers = [
        await api("GET", path, { token }),
        await api("GET", `${path}/messages/1`, { token }),
        await api("POST", `${path}/messages`, { token, body: { content: "more" } }),
        await api("PATCH", path, { token, body: { name: "Renamed" } }),
        await api("DELETE", path, { token }),
      ];
      return answers.map(({ status }) => status);
    };
    expect(await does(bob)).toEqual([404, 404, 404, 404, 404]);
    expect(await does(mallory)).toEqual([404, 404, 404, 404, 404]);
    expect(await does(admin)).toEqual([200, 200, 202, 403, 403]);
    expect(await does(owner)).toEqual([200, 200, 202, 200, 200]);
    const body = { content: "x" };
    const missing = await api("POST", "/broadcasts/never-founded/messages", {
      token: bob.token,
      body,
    });
    const foreign = await api("POST", `${path}/messages`, { token: bob.token, body });
    const { requestId: _one, ...one } = missing.body;
    const { requestId: _other, ...other } = foreign.body;
    expect(one).toEqual(other);
  });

  test("owner and admins find their lists, the latest first, page by page, as long as these are theirs", async () => {
    const [owner, admin] = await Promise.all([person(), person()]);
    const [bob = ""] = await accountHolders(1);
    const ids: string[] = [];
    for (const adminIds of [[admin.id], [], [admin.id]]) {
      const before = Date.now();
      await expect.poll(() => Date.now()).toBeGreaterThan(before);
      ids.unshift((await foundList(owner, [bob], { adminIds })).broadcastId);
    }
    const [newest, middle, oldest] = ids;
    expect(await listsOf(owner)).toEqual({ ids, nextCursor: null });
    expect(await listsOf(admin)).toEqual({ ids: [newest, oldest], nextCursor: null });
    const first = await listsOf(owner, "?limit=2");
    expect(first.ids).toEqual([newest, middle]);
    const rest = await listsOf(owner, `?limit=2&cursor=${first.nextCursor}`);
    expect(rest).toEqual({ ids: [oldest], nextCursor: null });
    const { token } = owner;
    await api("PATCH", `/broadcasts/${newest}`, { token, body: { adminIds: [] } });
    await api("DELETE", `/broadcasts/${oldest}`, { token });
    expect((await listsOf(owner)).ids).toEqual([newest, middle]);
    expect((await listsOf(admin)).ids).toEqual([]);
    expect((await api("GET", `/broadcasts/${newest}`, { token: admin.token })).status).toBe(404);
  });
});

describe("[BCT-3] a message", () => {
  test("reaches each recipient in the direct conversation with its sender, whether that is there or not", async () => {
    const [owner, bob, carol] = await Promise.all([person(), person(), person()]);
    const withBob = directConversationId(owner.id, bob.id);
    const before = { receiverId: owner.id, content: "earlier" };
    await api("POST", "/messages", { token: bob.token, body: before });
    const { broadcastId } = await foundList(owner, [carol.id, bob.id]);
    const accepted = await post(owner, broadcastId, "hear, hear");
    expect(accepted).toMatchObject({
      status: 202,
      data: { broadcastId, n: 1, senderId: owner.id, recipientCount: 2 },
    });
    const done = await completed(owner, broadcastId, 1);
    const withCarol = directConversationId(owner.id, carol.id);
    const place = { state: "sent", code: null };
    expect(done).toMatchObject({
      content: "hear, hear",
      counts: { pending: 0, sent: 2, blocked: 0, failed: 0 },
      nextCursor: null,
    });
    expect(done.recipients).toEqual([
      { ...place, userId: carol.id, conversationId: withCarol, messageId: `${withCarol}.1` },
      { ...place, userId: bob.id, conversationId: withBob, messageId: `${withBob}.2` },
    ]);
    const said = { senderId: owner.id, content: "hear, hear" };
    expect(await contentsIn(withCarol, carol.id)).toEqual([said]);
    const earlier = { senderId: bob.id, content: "earlier" };
    expect(await contentsIn(withBob, bob.id)).toEqual([earlier, said]);
  });

  test("goes out in the name of the admin who sends it", async () => {
    const [owner, admin] = await Promise.all([person(), person()]);
    const [bob] = await accountHolders(1);
    if (bob === undefined) throw new Error("one was asked for");
    const { broadcastId } = await foundList(owner, [bob], { adminIds: [admin.id] });
    expect((await post(admin, broadcastId, "from me")).data).toMatchObject({ senderId: admin.id });
    await completed(owner, broadcastId, 1);
    const withAdmin = directConversationId(admin.id, bob);
    expect(await contentsIn(withAdmin, bob)).toEqual([{ senderId: admin.id, content: "from me" }]);
    expect(await contentsIn(directConversationId(owner.id, bob), bob)).toBeNull();
  });

  test("cannot hold what belongs to one conversation", async () => {
    const owner = await person();
    const [bob = ""] = await accountHolders(1);
    const { broadcastId } = await foundList(owner, [bob]);
    const path = `/broadcasts/${broadcastId}/messages`;
    for (const part of [{ attachments: ["a_b.f1"] }, { mentions: [bob] }, { replyTo: "a_b.1" }]) {
      const body = { content: "look", ...part };
      const answer = await api("POST", path, { token: owner.token, body });
      expect(refusalOf(answer)).toEqual(problem(400, "INVALID_DATA"));
    }
  });

  test("waits for a suspended recipient like any other message", async () => {
    const owner = await person();
    const [bob] = await accountHolders(1);
    if (bob === undefined) throw new Error("one was asked for");
    const { broadcastId } = await foundList(owner, [bob]);
    const admin = await adminToken();
    const suspension = { token: admin, body: { seconds: 3_600, reason: "spam" } };
    await api("PUT", `/admin/suspensions/${bob}`, suspension);
    await post(owner, broadcastId, "for later");
    expect((await completed(owner, broadcastId, 1)).counts.sent).toBe(1);
    await api("DELETE", `/admin/suspensions/${bob}`, { token: admin });
    const said = { senderId: owner.id, content: "for later" };
    expect(await contentsIn(directConversationId(owner.id, bob), bob)).toEqual([said]);
  });
});

test("[BCT-4] a repeat of a send is the same message, also all at once; another key or sender is another one", async () => {
  const [owner, admin] = await Promise.all([person(), person()]);
  const [bob] = await accountHolders(1);
  if (bob === undefined) throw new Error("one was asked for");
  const { broadcastId } = await foundList(owner, [bob], { adminIds: [admin.id] });
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => post(owner, broadcastId, "once", "key")),
  );
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(9);
  expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
  expect((await post(owner, broadcastId, "twice", "other")).data["n"]).toBe(2);
  expect((await post(admin, broadcastId, "mine", "key")).data["n"]).toBe(3);
  await completed(owner, broadcastId, 3);
  const contents = await contentsIn(directConversationId(owner.id, bob), bob);
  expect(contents?.map(({ content }) => content)).toEqual(["once", "twice"]);
  expect((await post(owner, broadcastId, "once", "key")).data).toMatchObject({ n: 1 });
});

test("[BCT-5] who blocks the sender is reported, and all others get the message", async () => {
  const [owner, bob, carol] = await Promise.all([person(), person(), person()]);
  await api("PUT", `/blocks/${owner.id}`, { token: bob.token });
  const { broadcastId } = await foundList(owner, [bob.id, carol.id]);
  await post(owner, broadcastId, "hello");
  const { counts, recipients } = await completed(owner, broadcastId, 1);
  expect(counts).toEqual({ pending: 0, sent: 1, blocked: 1, failed: 0 });
  const nowhere = { messageId: null, conversationId: null, code: null };
  expect(recipients[0]).toEqual({ userId: bob.id, state: "blocked", ...nowhere });
  const blocked = await progressOf(owner, broadcastId, 1, "?state=blocked");
  expect(blocked.recipients.map(({ userId }) => userId)).toEqual([bob.id]);
  expect(await contentsIn(directConversationId(owner.id, bob.id), bob.id)).toEqual([]);
});

test("progress is paged in the list's order", async () => {
  const owner = await person();
  const recipients = await accountHolders(5);
  const { broadcastId } = await foundList(owner, recipients);
  await post(owner, broadcastId, "hello");
  await completed(owner, broadcastId, 1);
  const pages: string[][] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = `?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const page: Awaited<ReturnType<typeof progressOf>> = await progressOf(
      owner,
      broadcastId,
      1,
      query,
    );
    pages.push(page.recipients.map(({ userId }) => userId));
    cursor = page.nextCursor;
  }
  expect(pages).toEqual([recipients.slice(0, 2), recipients.slice(2, 4), recipients.slice(4)]);
});

test("[BCT-7] a deleted list is gone with what it said, and its id is never used again", async () => {
  const owner = await person();
  const [bob] = await accountHolders(1);
  if (bob === undefined) throw new Error("one was asked for");
  const { broadcastId } = await foundList(owner, [bob]);
  await post(owner, broadcastId, "stays with Bob");
  await completed(owner, broadcastId, 1);
  const path = `/broadcasts/${broadcastId}`;
  const { token } = owner;
  expect((await api("DELETE", path, { token })).data).toMatchObject({
    status: "DELETED",
    unsent: 0,
  });
  for (const gone of [path, `${path}/messages/1`]) {
    expect(refusalOf(await api("GET", gone, { token }))).toEqual(problem(404, "NOT_FOUND"));
  }
  expect((await post(owner, broadcastId, "more")).status).toBe(404);
  const taken = problem(409, "ALREADY_EXISTS");
  expect(refusalOf(await tryFound(owner, [bob], { broadcastId }))).toEqual(taken);
  const said = { senderId: owner.id, content: "stays with Bob" };
  expect(await contentsIn(directConversationId(owner.id, bob), bob)).toEqual([said]);
  await runInDurableObject(env.BROADCAST.getByName(broadcastId), async (_object, { storage }) => {
    expect(storage.sql.exec("SELECT name FROM list").one()).toEqual({ name: "" });
    for (const table of ["message", "job", "recipient", "admin", "announcement", "due"]) {
      expect(storage.sql.exec(`SELECT * FROM ${table}`).toArray(), table).toEqual([]);
    }
    expect(await storage.getAlarm()).toBeNull();
  });
});

test("[BCT-8] a list with too many waiting takes no further message for now, but knows its repeats", async () => {
  const owner = await person();
  const [bob = ""] = await accountHolders(1);
  const { broadcastId } = await foundList(owner, [bob]);
  await post(owner, broadcastId, "first", "key");
  await completed(owner, broadcastId, 1);
  const wait = (count: number) =>
    runInDurableObject(env.BROADCAST.getByName(broadcastId), (_object, { storage }) => {
      storage.sql.exec("UPDATE message SET completed_at = NULL");
      storage.sql.exec("DELETE FROM job WHERE place > 0");
      storage.sql.exec(
        `WITH RECURSIVE place(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM place WHERE at < ?)
         INSERT INTO job (n, place, user_id, name, state, attempts, due_at)
         SELECT 1, at, 'u' || at, 'U', 'pending', 1, 4e12 FROM place`,
        count,
      );
    });
  await wait(LIMITS.broadcastPending);
  const refused = await post(owner, broadcastId, "second", "other");
  expect(refusalOf(refused)).toEqual(problem(429, "RATE_LIMITED"));
  expect(refused.headers.get("retry-after")).toBe("5");
  expect((await post(owner, broadcastId, "first", "key")).data["n"]).toBe(1);
  await wait(LIMITS.broadcastPending - 1);
  expect((await post(owner, broadcastId, "second", "other")).data["n"]).toBe(2);
});
