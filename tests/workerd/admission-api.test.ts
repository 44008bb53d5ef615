import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { api, problem, refusalOf, register, type ApiAnswer, type SignIn } from "./support/api.ts";
import { conversationOf, user } from "./support/conversations.ts";
import { MemberSocket } from "./support/member-socket.ts";

let ada: SignIn;
let bob: SignIn;
beforeAll(async () => {
  [ada, bob] = await Promise.all([register("Ada"), register("Bob")]);
});

const as = (me: SignIn) => (method: string, path: string, body?: object, key?: string) =>
  api(method, path, {
    token: me.accessToken,
    ...(body === undefined ? {} : { body }),
    ...(key === undefined ? {} : { headers: { "idempotency-key": key } }),
  });

/** A closed group that Ada owns, with Bob in it. */
async function freshGroup(settings: object = {}): Promise<{ id: string; path: string }> {
  const founding = { name: "Team", participantIds: [bob.user.userId], settings };
  const founded = await as(ada)("POST", "/conversations/group", founding);
  const id = String(founded.data["conversationId"]);
  return { id, path: `/conversations/${id}` };
}

async function invite(path: string, terms: object = {}): Promise<{ id: string; token: string }> {
  const { data } = await as(ada)("POST", `${path}/invites`, terms);
  return { id: String(data["inviteId"]), token: String(data["token"]) };
}

const acceptBy = (token: string, me: SignIn, key?: string) =>
  as(me)("POST", `/invites/${token}/accept`, undefined, key);

async function lastWords(path: string, me = ada): Promise<unknown> {
  const { data } = await as(me)("GET", `/messages?conversationId=${path.split("/").at(-1)}`);
  return [data["messages"]].flat().map((message) => Object(message).content);
}

function codesOf(answers: readonly ApiAnswer[]): unknown[] {
  return answers.map(({ status, body }) => (status < 300 ? status : body["code"]));
}

describe("invitations", () => {
  test("[ADM-1] let the holder of the link in, and the log says how", async () => {
    const { path, id } = await freshGroup();
    const { token, id: inviteId } = await invite(path);
    const carol = await register("Carol");
    expect((await as(carol)("GET", path)).status).toBe(404);
    expect((await as(carol)("GET", `/invites/${token}`)).data).toMatchObject({
      conversationId: id,
      name: "Team",
      memberCount: 2,
      isMember: false,
    });
    expect((await acceptBy(token, carol)).data).toEqual({ conversationId: id, seq: 1 });
    expect((await as(carol)("GET", path)).data).toMatchObject({ myRole: "member", memberCount: 3 });
    expect(await lastWords(path)).toEqual(["Carol joined by a link"]);
    expect((await as(carol)("GET", "/conversations")).data["conversations"]).toMatchObject([
      { conversationId: id },
    ]);
    const { data } = await as(ada)("GET", `${path}/invites`);
    expect(data["invites"]).toMatchObject([{ inviteId, token, uses: 1, active: true }]);
  });

  test("[ADM-1] let in exactly as many as they say, however many try at once", async () => {
    const { path } = await freshGroup();
    const { token } = await invite(path, { maxUses: 3 });
    const crowd = await Promise.all(Array.from({ length: 8 }, (_, n) => register(`Guest ${n}`)));
    // everybody twice, as after a lost answer
    const answers = await Promise.all(
      [...crowd, ...crowd].map((guest) => acceptBy(token, guest, `join ${guest.user.userId}`)),
    );
    const came = crowd.filter((_, n) => answers[n]?.status === 200);
    expect(came).toHaveLength(3);
    expect(codesOf(answers.slice(crowd.length))).toEqual(codesOf(answers.slice(0, crowd.length)));
    expect(codesOf(answers).filter((code) => code === "FORBIDDEN")).toHaveLength(10);
    expect((await as(ada)("GET", path)).data).toMatchObject({ memberCount: 5 });
    expect((await as(ada)("GET", `${path}/invites`)).data["invites"]).toMatchObject([
      { uses: 3, maxUses: 3, active: false },
    ]);
  });

  test("[ADM-1] are of no use once taken back, to the banned, or without a maker who may invite", async () => {
    const { path } = await freshGroup();
    const carol = await register("Carol");
    const revoked = await invite(path);
    const taken = await as(ada)("DELETE", `${path}/invites/${revoked.id}`);
    expect(taken.data).toMatchObject({ active: false, revokedAt: expect.any(String) });
    expect((await as(ada)("DELETE", `${path}/invites/${revoked.id}`)).data).toEqual(taken.data);
    expect(refusalOf(await acceptBy(revoked.token, carol))).toEqual(problem(403, "FORBIDDEN"));

    const open = await invite(path);
    await as(ada)("PUT", `${path}/bans/${carol.user.userId}`);
    expect(refusalOf(await acceptBy(open.token, carol))).toEqual(problem(403, "FORBIDDEN"));
    expect(refusalOf(await as(carol)("GET", `/invites/${open.token}`))).toEqual(
      problem(403, "FORBIDDEN"),
    );
    await as(ada)("POST", `${path}/transfer`, { userId: bob.user.userId });
    await as(bob)("PUT", `${path}/members/${ada.user.userId}/role`, { role: "member" });
    const dan = await register("Dan");
    expect(refusalOf(await acceptBy(open.token, dan))).toEqual(problem(403, "FORBIDDEN"));
    expect(refusalOf(await as(ada)("GET", `${path}/invites`))).toEqual(problem(403, "FORBIDDEN"));
    const other = `${path.split("/").at(-1)}.${"0".repeat(32)}`;
    expect(refusalOf(await acceptBy(other, dan))).toEqual(problem(404, "NOT_FOUND"));
  });

  test("[ADM-2] hold a week for everybody unless said, and one key makes one", async () => {
    const { path } = await freshGroup();
    const make = (terms: object, key: string) => as(ada)("POST", `${path}/invites`, terms, key);
    const [first, again] = [await make({}, "k"), await make({ maxUses: 7 }, "k")];
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.data).toEqual(first.data);
    const { createdAt, expiresAt, maxUses } = first.data;
    const heldMs = Date.parse(String(expiresAt)) - Date.parse(String(createdAt));
    expect({ heldS: heldMs / 1_000, maxUses }).toEqual({
      heldS: LIMITS.inviteSeconds,
      maxUses: null,
    });
    for (const terms of [
      { maxUses: 0 },
      { maxUses: LIMITS.inviteUses + 1 },
      { expiresInS: 0 },
      { expiresInS: LIMITS.inviteSecondsMax + 1 },
    ]) {
      expect(refusalOf(await make(terms, "other"))).toEqual(problem(400, "INVALID_DATA"));
    }
    expect(refusalOf(await as(bob)("POST", `${path}/invites`))).toEqual(problem(403, "FORBIDDEN"));
  });

  test("[ADM-3] are kept up to a bound, and those that hold no more make room", async () => {
    const { path, id } = await freshGroup();
    const { rpc } = conversationOf(id);
    const maker = user(ada.user.userId);
    const make = (n: number) => rpc.makeInvite(maker, `k${n}`, { seconds: 60, maxUses: null });
    for (let n = 1; n <= LIMITS.invites; n++) expect((await make(n)).ok).toBe(true);
    expect(await make(0)).toMatchObject({ ok: false, error: { code: "TOO_LARGE" } });
    await as(ada)("DELETE", `${path}/invites/5`);
    expect(await make(0)).toMatchObject({ ok: true, value: { holds: true } });
    const { data } = await as(ada)("GET", `${path}/invites`);
    expect(data["invites"]).toHaveLength(LIMITS.invites);
    expect(JSON.stringify(data)).not.toContain('"inviteId":"5"');
  });
});

describe("requests to join", () => {
  test("[ADM-4] wait for a moderator, who is told, and are withdrawn or refused", async () => {
    const { path, id } = await freshGroup();
    const socket = await MemberSocket.join(id, ada.user.userId);
    const carol = await register("Carol");
    const ask = (note?: string) => as(carol)("POST", `${path}/requests`, { note });
    expect(codesOf([await ask("It is me"), await ask()])).toEqual([201, 200]);
    expect(await socket.next("joinRequests")).toEqual({ type: "joinRequests", waiting: 1 });
    const waiting = async () => (await as(ada)("GET", `${path}/requests`)).data["requests"];
    expect(await waiting()).toMatchObject([{ name: "Carol", note: "It is me" }]);
    expect(refusalOf(await as(bob)("GET", `${path}/requests`))).toEqual(problem(403, "FORBIDDEN"));
    const mine = `${path}/requests/${carol.user.userId}`;
    expect(refusalOf(await as(bob)("DELETE", mine))).toEqual(problem(403, "FORBIDDEN"));
    expect((await as(carol)("DELETE", mine)).status).toBe(204);
    expect(await waiting()).toEqual([]);
    expect((await ask()).status).toBe(201);
    expect((await as(ada)("DELETE", mine)).status).toBe(204);
    expect((await as(ada)("DELETE", mine)).status).toBe(204);
    const refused = await ask();
    expect(refusalOf(refused)).toEqual(problem(429, "RATE_LIMITED"));
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(86_000);
    // what was refused is not taken back by asking for it
    expect((await as(carol)("DELETE", mine)).status).toBe(204);
    expect(refusalOf(await ask())).toEqual(problem(429, "RATE_LIMITED"));
  });

  test("[ADM-4] to a direct conversation there are none, whether two people have one or not", async () => {
    const carol = await register("Carol");
    const open = { participantId: bob.user.userId };
    const { data } = await as(ada)("POST", "/conversations", open);
    const withdraw = (id: string) =>
      as(carol)("DELETE", `/conversations/${id}/requests/${carol.user.userId}`);
    const missing = [ada.user.userId, crypto.randomUUID()].toSorted().join("_");
    const answers = [await withdraw(String(data["conversationId"])), await withdraw(missing)];
    expect(answers.map(refusalOf)).toEqual(answers.map(() => problem(404, "NOT_FOUND")));
  });

  test("[ADM-5] that are approved make members, and the log says by whom", async () => {
    const { path } = await freshGroup();
    const carol = await register("Carol");
    await as(carol)("POST", `${path}/requests`);
    const approve = (me: SignIn) =>
      as(me)("POST", `${path}/requests/${carol.user.userId}/approve`, undefined, "once");
    expect(refusalOf(await approve(bob))).toEqual(problem(403, "FORBIDDEN"));
    const [first, again] = [await approve(ada), await approve(ada)];
    expect(again.data).toEqual(first.data);
    expect((await as(carol)("GET", path)).data).toMatchObject({ myRole: "member" });
    expect(await lastWords(path)).toEqual(["Carol was let in"]);
    const nobody = `${path}/requests/${crypto.randomUUID()}/approve`;
    expect(refusalOf(await as(ada)("POST", nobody))).toEqual(problem(404, "NOT_FOUND"));
  });
});

describe("a dismissal", () => {
  test("[MEM-7] ends the group for everybody, and the log stays", async () => {
    const { path, id } = await freshGroup({ join: "open" });
    const { token } = await invite(path);
    const socket = await MemberSocket.join(id, bob.user.userId);
    expect(refusalOf(await as(bob)("DELETE", path))).toEqual(problem(403, "FORBIDDEN"));
    const dismiss = () => as(ada)("DELETE", path, undefined, "the end");
    const first = await dismiss();
    expect(first.data).toEqual({ conversationId: id, seq: 1 });
    expect((await dismiss()).data).toEqual(first.data);
    expect((await socket.next("events")).events).toMatchObject([
      { seq: 1, type: "dismissed", senderId: ada.user.userId, memberCount: 2 },
    ]);
    expect(await socket.closed).toBe(4503);
    const carol = await register("Carol");
    const refusals = [
      await as(ada)("GET", path),
      await as(bob)("GET", `/messages?conversationId=${id}`),
      await as(ada)("POST", "/messages", { conversationId: id, content: "hi" }),
      await as(carol)("POST", `${path}/join`),
      await as(carol)("POST", `${path}/requests`),
      await acceptBy(token, carol),
    ];
    for (const refused of refusals) expect(refusalOf(refused)).toEqual(problem(404, "NOT_FOUND"));
    for (const me of [ada, bob]) {
      await expect
        .poll(async () => JSON.stringify((await as(me)("GET", "/conversations")).data))
        .not.toContain(id);
    }
    const again = await as(ada)("POST", "/conversations/group", { name: "Again", groupId: id });
    expect(refusalOf(again)).toEqual(problem(409, "ALREADY_EXISTS"));
  });

  test("[MEM-7] holds over a sleep", async () => {
    const { path, id } = await freshGroup({ join: "open" });
    await as(ada)("DELETE", path);
    await evictDurableObject(conversationOf(id).stub, { webSockets: "close" });
    const carol = await register("Carol");
    expect(refusalOf(await as(carol)("POST", `${path}/join`))).toEqual(problem(404, "NOT_FOUND"));
  });
});
