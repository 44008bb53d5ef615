import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { api, problem, refusalOf, register, type ApiAnswer, type SignIn } from "./support/api.ts";
import { adminToken } from "./support/tokens.ts";

let ada: SignIn;
let bob: SignIn;
let cy: SignIn;
let admin: string;
let group: string;

beforeEach(async () => {
  [ada, bob, cy] = await Promise.all([register("Ada"), register("Bob"), register("Cy")]);
  admin = await adminToken();
  const founding = { name: "Team", participantIds: [bob.user.userId, cy.user.userId] };
  const token = ada.accessToken;
  const founded = await api("POST", "/conversations/group", { token, body: founding });
  group = String(founded.data["conversationId"]);
});

async function say(by: SignIn, content: string): Promise<string> {
  const body = { conversationId: group, content };
  const sent = await api("POST", "/messages", { token: by.accessToken, body });
  return String(sent.data["messageId"]);
}

function report(by: SignIn, messageId: string, reason?: string): Promise<ApiAnswer> {
  const body = reason === undefined ? undefined : { reason };
  return api("POST", `/messages/${messageId}/reports`, { token: by.accessToken, body });
}

function reportSpam(by: SignIn, messageId: string, body?: object): Promise<ApiAnswer> {
  const path = `/api/chat/messages/${messageId}/reportSpam`;
  return api("POST", path, { token: by.accessToken, body });
}

function caseOf(messageId: string): Promise<ApiAnswer> {
  return api("GET", `/moderation/reports/${messageId}`, { token: admin });
}

/** The case as it is once the database has what the conversation tells it. */
async function untilCase(messageId: string, expected: object): Promise<void> {
  await expect.poll(async () => (await caseOf(messageId)).data).toMatchObject(expected);
}

function decide(messageId: string, body: object, token = admin): Promise<ApiAnswer> {
  return api("PATCH", `/moderation/reports/${messageId}`, { token, body });
}

function auditOf(target: string): Promise<ApiAnswer> {
  return api("GET", `/admin/audit?target=${encodeURIComponent(target)}`, { token: admin });
}

async function isSpam(messageId: string): Promise<unknown> {
  const token = ada.accessToken;
  return (await api("GET", `/messages/${messageId}`, { token })).data["isSpam"];
}

describe("reports", () => {
  test("[MOD-1] [MOD-2] one report flags a message, in both systems' words and wherever it is read", async () => {
    const messageId = await say(bob, "buy this");
    expect(await reportSpam(cy, messageId, { reason: "an advert" })).toMatchObject({
      status: 200,
      body: { message_id: messageId, is_spam: true, reports: 1 },
    });
    expect(await reportSpam(cy, messageId)).toMatchObject({ status: 200, body: { reports: 1 } });
    expect(await report(cy, messageId)).toMatchObject({ status: 200, data: { reports: 1 } });
    expect(await report(ada, messageId)).toMatchObject({
      status: 201,
      data: { messageId, isSpam: true, reports: 2 },
    });
    const token = bob.accessToken;
    const history = await api("GET", `/messages?conversationId=${group}`, { token });
    expect(history.data["messages"]).toMatchObject([{ messageId, isSpam: true }]);
    const list = await api("GET", "/conversations", { token });
    expect(list.data["conversations"]).toMatchObject([{ lastMessage: { isSpam: true } }]);
    const svc = await api("GET", `/api/chat/messages/${group}`, { token });
    expect(svc.body).toMatchObject([{ message_id: messageId, is_spam: true }]);
  });

  test("[MOD-1] one's own message, and what one may not see, cannot be reported", async () => {
    const messageId = await say(bob, "buy this");
    const mallory = await register("Mallory");
    for (const ask of [report, reportSpam]) {
      expect(refusalOf(await ask(bob, messageId))).toEqual(problem(403, "FORBIDDEN"));
      expect(refusalOf(await ask(mallory, messageId))).toEqual(problem(404, "NOT_FOUND"));
      expect(refusalOf(await ask(cy, `${group}.99`))).toEqual(problem(404, "NOT_FOUND"));
    }
    const long = await report(cy, messageId, "x".repeat(1_001));
    expect(refusalOf(long)).toEqual(problem(400, "INVALID_DATA"));
    expect(await isSpam(messageId)).toBe(false);
  });

  test("[MOD-2] a deployment may ask for more reports than one", async () => {
    const messageId = await say(bob, "buy this");
    const strict = { ...env, SPAM_REPORTS: "2" };
    const path = `/api/chat/messages/${messageId}/reportSpam`;
    const by = (who: SignIn) => api("POST", path, { token: who.accessToken, env: strict });
    expect((await by(cy)).body).toEqual({ message_id: messageId, is_spam: false, reports: 1 });
    expect(await isSpam(messageId)).toBe(false);
    expect((await by(ada)).body).toEqual({ message_id: messageId, is_spam: true, reports: 2 });
    expect(await isSpam(messageId)).toBe(true);
  });

  test("[MOD-1] nobody in the conversation learns who has reported what", async () => {
    const messageId = await say(bob, "buy this");
    await report(cy, messageId, "a secret reason");
    const stub = env.CONVERSATION.getByName(group);
    const page = await stub.catchUp(bob.user.userId as Parameters<typeof stub.catchUp>[0], 0);
    if (!page.ok) throw new Error("a member may read");
    expect(JSON.parse(page.value.events)).toMatchObject([
      { seq: 1, type: "message", isSpam: true },
      { seq: 2, type: "flagged", target: 1, isSpam: true },
    ]);
    expect(page.value.events).not.toMatch(/secret reason/);
    expect(page.value.events).not.toMatch(cy.user.userId);
  });
});

describe("the history of chat-svc", () => {
  test("is what comes after a known message, oldest first, or the newest", async () => {
    const ids = [await say(bob, "1"), await say(cy, "2"), await say(bob, "3")];
    const read = async (query: string) => {
      const token = ada.accessToken;
      const answer = await api("GET", `/api/chat/messages/${group}?${query}`, { token });
      const messages: unknown = answer.body;
      return Array.isArray(messages) ? messages.map(({ message_id: id }) => String(id)) : answer;
    };
    expect(await read("")).toEqual(ids);
    expect(await read("limit=2")).toEqual(ids.slice(1));
    expect(await read(`last_message_id=${ids[0]}&limit=1`)).toEqual([ids[1]]);
    expect(await read(`last_message_id=${ids[2]}`)).toEqual([]);
    for (const unknown of [`${group}.4`, "elsewhere.1", "nonsense"]) {
      expect(await read(`last_message_id=${unknown}`)).toMatchObject({ status: 400 });
    }
  });
});

describe("the queue", () => {
  test("[MOD-3] [MOD-4] a case goes from open over review to its end, and every step is in the audit log", async () => {
    const messageId = await say(bob, "buy this");
    await report(cy, messageId, "an advert");
    await untilCase(messageId, { state: "open", reports: 1 });
    expect((await caseOf(messageId)).data).toMatchObject({
      id: messageId,
      conversationId: group,
      authorId: bob.user.userId,
      content: "buy this",
      assigneeId: null,
      reporters: [{ reporterId: cy.user.userId, reason: "an advert", version: 1 }],
    });
    const other = await adminToken("second");
    const resolved = { state: "resolved", action: "delete_message" };
    expect(refusalOf(await decide(messageId, resolved))).toEqual(problem(409, "CONFLICT"));
    expect((await decide(messageId, { state: "in_review" })).data).toMatchObject({
      state: "in_review",
      assigneeId: "root",
    });
    expect((await decide(messageId, { state: "in_review" })).status).toBe(200);
    for (const step of [{ state: "in_review" }, { state: "dismissed" }, resolved]) {
      expect(refusalOf(await decide(messageId, step, other))).toEqual(problem(409, "CONFLICT"));
    }
    const done = await decide(messageId, { ...resolved, note: "clear" });
    expect(done.data).toMatchObject({ ...resolved, assigneeId: "root", note: "clear" });
    expect((await decide(messageId, resolved)).status).toBe(200);
    const closed = await decide(messageId, { state: "dismissed" });
    expect(refusalOf(closed)).toEqual(problem(409, "CONFLICT"));
    const token = ada.accessToken;
    expect((await api("GET", `/messages/${messageId}`, { token })).data).toMatchObject({
      content: "",
      deletedAt: expect.any(String),
    });
    await expect
      .poll(async () => (await auditOf(messageId)).data["entries"])
      .toMatchObject([
        { action: "message_deleted", actorId: "root" },
        { action: "report_decided", details: { ...resolved, note: "clear" } },
        { action: "report_decided", details: { state: "in_review", assigneeId: "root" } },
      ]);
  });

  test("[MOD-2] [MOD-3] a dismissed message is no spam any more, and stays so; a new report opens the case again", async () => {
    const messageId = await say(bob, "hello");
    await report(cy, messageId);
    await untilCase(messageId, { state: "open" });
    await decide(messageId, { state: "in_review" });
    expect((await decide(messageId, { state: "dismissed" })).data).toMatchObject({
      state: "dismissed",
    });
    expect(await isSpam(messageId)).toBe(false);
    expect((await report(ada, messageId)).data).toMatchObject({ isSpam: false, reports: 2 });
    await untilCase(messageId, { state: "open", assigneeId: null, reports: 2 });
    await decide(messageId, { state: "in_review" });
    await decide(messageId, { state: "resolved", action: "flag_message" });
    expect(await isSpam(messageId)).toBe(true);
  });

  test.each([
    { action: "erase_messages", gone: true, locked: false },
    { action: "lock_conversation", gone: false, locked: true },
  ])("[MOD-3] $action is carried out", async ({ action, gone, locked }) => {
    const [first, messageId] = [await say(bob, "one"), await say(bob, "two")];
    await report(cy, messageId);
    await untilCase(messageId, { state: "open" });
    await decide(messageId, { state: "in_review" });
    expect((await decide(messageId, { state: "resolved", action })).status).toBe(200);
    const token = ada.accessToken;
    const { data } = await api("GET", `/messages/${first}`, { token });
    expect(data["deletedAt"] !== null).toBe(gone);
    const view = await api("GET", `/conversations/${group}`, { token });
    expect(view.data["settings"]).toMatchObject({ locked });
  });

  test.each([
    { state: "dismissed" },
    { state: "resolved", action: "delete_message" },
    { state: "resolved", action: "erase_messages" },
  ])("[MOD-3] a case of a group that was dismissed is closed by $state $action", async (step) => {
    const messageId = await say(bob, "buy this");
    await report(cy, messageId);
    await untilCase(messageId, { state: "open" });
    const token = ada.accessToken;
    expect((await api("DELETE", `/conversations/${group}`, { token })).status).toBe(200);
    await decide(messageId, { state: "in_review" });
    expect((await decide(messageId, step)).status).toBe(200);
    expect((await caseOf(messageId)).data).toMatchObject(step);
  });

  test("[MOD-3] of two who decide at once one gets CONFLICT", async () => {
    const messageId = await say(bob, "x");
    await report(cy, messageId);
    await untilCase(messageId, { state: "open" });
    const other = await adminToken("second");
    const take = { state: "in_review" };
    const both = await Promise.all([decide(messageId, take), decide(messageId, take, other)]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]));
    expect((await auditOf(messageId)).data["entries"]).toHaveLength(1);
  });

  test("the list has pages, by state, those that wait longest first", async () => {
    const ids: string[] = [];
    for (const text of ["1", "2", "3"]) {
      const messageId = await say(bob, text);
      await report(cy, messageId);
      await untilCase(messageId, { state: "open" });
      ids.push(messageId);
    }
    await decide(ids[1] ?? "", { state: "in_review" });
    const listed = async (state: string) => {
      const found: string[] = [];
      let cursor = "";
      do {
        const path = `/moderation/reports?state=${state}&limit=1${cursor}`;
        const { data } = await api("GET", path, { token: admin });
        const page = [data["reports"]].flat().map(Object);
        found.push(...page.map(({ id }) => String(id)));
        const nextCursor = data["nextCursor"];
        cursor = typeof nextCursor === "string" ? `&cursor=${nextCursor}` : "";
      } while (cursor !== "");
      return found.filter((id) => ids.includes(id));
    };
    expect(await listed("open")).toEqual([ids[0], ids[2]]);
    expect(await listed("in_review")).toEqual([ids[1]]);
  });

  test("[MOD-4] a report waits in its conversation while the database takes none, and comes once", async () => {
    const messageId = await say(bob, "buy this");
    await env.DB.prepare("ALTER TABLE moderation_report RENAME TO away").run();
    await report(cy, messageId, "an advert");
    const desk = deskOf(group);
    // the first try has failed once the next one is some time away
    await expect.poll(async () => (await desk.dueAt()) - Date.now()).toBeGreaterThan(1_000);
    expect(await desk.untold()).toEqual([2]);
    await env.DB.prepare("ALTER TABLE away RENAME TO moderation_report").run();
    await desk.tellNow();
    expect(await desk.untold()).toEqual([]);
    await untilCase(messageId, { state: "open", reports: 1 });
    await decide(messageId, { state: "in_review" });
    await decide(messageId, { state: "dismissed" });
    // as after a crash between the database's answer and the note of it
    await desk.forgetTelling(2);
    await desk.tellNow();
    expect((await caseOf(messageId)).data).toMatchObject({ state: "dismissed", reports: 1 });
  });
});

/** What a conversation has to tell staff, as its storage says. */
function deskOf(conversationId: string) {
  const stub = env.CONVERSATION.getByName(conversationId);
  const sql = <Row extends Record<string, SqlStorageValue>>(statement: string) =>
    runInDurableObject(stub, (_object, { storage }) => storage.sql.exec<Row>(statement).toArray());
  return {
    untold: async () =>
      (await sql<{ seq: number }>("SELECT seq FROM staff_notice")).map(({ seq }) => seq),
    dueAt: async () =>
      (await sql<{ at: number }>("SELECT at FROM due WHERE kind = 'staff'"))[0]?.at ?? 0,
    forgetTelling: (seq: number) => sql(`INSERT INTO staff_notice (seq) VALUES (${seq})`),
    /** Wakes the object anew, with its telling due. */
    async tellNow() {
      await sql("INSERT INTO due (kind, at) VALUES ('staff', 0) ON CONFLICT DO UPDATE SET at = 0");
      await evictDurableObject(stub);
      await runInDurableObject(stub, (object) => object.alarm());
    },
  };
}
