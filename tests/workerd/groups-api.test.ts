import { beforeAll, describe, expect, test } from "vitest";
import { api, problem, refusalOf, register, type SignIn } from "./support/api.ts";

let ada: SignIn;
let bob: SignIn;
let carol: SignIn;
beforeAll(async () => {
  [ada, bob, carol] = await Promise.all([register("Ada"), register("Bob"), register("Carol")]);
});

const as = (me: SignIn) => (method: string, path: string, body?: object) =>
  api(method, path, { token: me.accessToken, ...(body === undefined ? {} : { body }) });

async function freshGroup(settings: object = {}): Promise<string> {
  const founding = { name: "Team", participantIds: [bob.user.userId], settings };
  const founded = await as(ada)("POST", "/conversations/group", founding);
  return `/conversations/${String(founded.data["conversationId"])}`;
}

async function rolesOf(group: string): Promise<Record<string, unknown>> {
  const { data } = await as(ada)("GET", `${group}/members`);
  return Object.fromEntries(
    [data["members"]].flat().map((each) => {
      const { name, role }: { name?: string; role?: string } = Object(each);
      return [name, role];
    }),
  );
}

test("a group is founded once under one Idempotency-Key, for each of its founders", async () => {
  const found = (me: SignIn, key: string) =>
    api("POST", "/conversations/group", {
      token: me.accessToken,
      body: { name: "Once" },
      headers: { "idempotency-key": key },
    });
  const key = crypto.randomUUID();
  const [first, again] = [await found(ada, key), await found(ada, key)];
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.data["conversationId"]).toBe(first.data["conversationId"]);
  const others = [await found(bob, key), await found(ada, `${key}+`)];
  expect(others.map(({ status }) => status)).toEqual([201, 201]);
});

describe("settings", () => {
  test("at the top or under `settings`, by owners and admins only", async () => {
    const group = await freshGroup({ join: "open" });
    const changed = await as(ada)("PATCH", group, { name: " New ", settings: { slowModeS: 7 } });
    expect(changed.data).toMatchObject({
      name: "New",
      settings: { join: "open", slowModeS: 7, history: "all" },
    });
    const refused = await as(bob)("PATCH", group, { name: "Mine" });
    expect(refusalOf(refused)).toEqual(problem(403, "FORBIDDEN"));
    expect((await as(bob)("GET", group)).data).toMatchObject({ name: "New" });
  });

  test("slow mode answers RATE_LIMITED with Retry-After", async () => {
    const group = await freshGroup({ slowModeS: 60 });
    const conversationId = group.split("/").at(-1);
    const send = () => as(bob)("POST", "/messages", { conversationId, content: "hi" });
    expect((await send()).status).toBe(201);
    const refused = await send();
    expect(refusalOf(refused)).toEqual(problem(429, "RATE_LIMITED"));
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
  });
});

describe("members", () => {
  test("are added, given a role, removed; each change is a SYSTEM message", async () => {
    const group = await freshGroup();
    const { userId } = carol.user;
    await as(ada)("POST", `${group}/members`, { userIds: [userId] });
    await as(ada)("PUT", `${group}/members/${userId}/role`, { role: "moderator" });
    expect(await rolesOf(group)).toEqual({ Ada: "owner", Bob: "member", Carol: "moderator" });
    const kicked = await as(carol)("DELETE", `${group}/members/${bob.user.userId}`);
    expect(kicked.data).toMatchObject({ seq: 3 });
    expect(await rolesOf(group)).toEqual({ Ada: "owner", Carol: "moderator" });
    const history = await as(ada)(
      "GET",
      `/messages?conversationId=${group.split("/").at(-1) ?? ""}`,
    );
    expect(history.data["messages"]).toMatchObject([
      { type: "SYSTEM", content: "Carol joined by invitation" },
      { type: "SYSTEM", content: "Carol is now moderator" },
      { type: "SYSTEM", content: "Bob was removed" },
    ]);
  });

  test("join an open group only, leave it, and never come back from a ban", async () => {
    const closed = await freshGroup();
    expect(refusalOf(await as(carol)("POST", `${closed}/join`))).toEqual(problem(403, "FORBIDDEN"));
    const open = await freshGroup({ join: "open" });
    expect((await as(carol)("POST", `${open}/join`)).status).toBe(200);
    expect((await as(carol)("GET", open)).data).toMatchObject({ myRole: "member" });
    expect((await as(carol)("POST", `${open}/leave`)).status).toBe(200);
    expect((await as(carol)("GET", open)).status).toBe(404);
    expect((await as(ada)("PUT", `${open}/bans/${carol.user.userId}`)).status).toBe(200);
    expect(refusalOf(await as(carol)("POST", `${open}/join`))).toEqual(problem(403, "FORBIDDEN"));
    const bans = async () => (await as(ada)("GET", `${open}/bans`)).data["bans"];
    expect(await bans()).toEqual([{ userId: carol.user.userId }]);
    expect(refusalOf(await as(bob)("GET", `${open}/bans`))).toEqual(problem(403, "FORBIDDEN"));
    expect((await as(ada)("DELETE", `${open}/bans/${carol.user.userId}`)).status).toBe(200);
    expect(await bans()).toEqual([]);
    expect((await as(carol)("POST", `${open}/join`)).status).toBe(200);
  });

  test("the last owner hands over before leaving", async () => {
    const group = await freshGroup();
    expect(refusalOf(await as(ada)("POST", `${group}/leave`))).toEqual(problem(409, "CONFLICT"));
    await as(ada)("POST", `${group}/transfer`, { userId: bob.user.userId });
    expect(await rolesOf(group)).toEqual({ Ada: "admin", Bob: "owner" });
    expect((await as(ada)("DELETE", `${group}/members/${ada.user.userId}`)).status).toBe(200);
    expect((await as(ada)("GET", group)).status).toBe(404);
  });

  test("may not write while muted", async () => {
    const group = await freshGroup();
    const conversationId = group.split("/").at(-1);
    const mute = (seconds: number) =>
      as(ada)("PUT", `${group}/members/${bob.user.userId}/mute`, { seconds });
    const send = () => as(bob)("POST", "/messages", { conversationId, content: "hi" });
    await mute(60);
    const refused = await send();
    expect(refusalOf(refused)).toEqual(problem(403, "MUTED"));
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    await mute(0);
    expect((await send()).status).toBe(201);
  });

  test("[MEM-1] is still muted who leaves and comes back, on every way in", async () => {
    const group = await freshGroup();
    const conversationId = group.split("/").at(-1);
    const { userId } = bob.user;
    const mute = (seconds: number) =>
      as(ada)("PUT", `${group}/members/${userId}/mute`, { seconds });
    const send = () => as(bob)("POST", "/messages", { conversationId, content: "hi" });
    await as(ada)("PATCH", group, { join: "open" });
    await mute(600);
    const ways = [
      () => as(bob)("POST", `${group}/join`),
      () => as(ada)("POST", `${group}/members`, { userIds: [userId] }),
    ];
    for (const comeBack of ways) {
      expect((await as(bob)("POST", `${group}/leave`)).status).toBe(200);
      expect((await comeBack()).status).toBe(200);
      expect(refusalOf(await send())).toEqual(problem(403, "MUTED"));
    }
    await mute(0);
    await as(bob)("POST", `${group}/leave`);
    await as(bob)("POST", `${group}/join`);
    expect((await send()).status).toBe(201);
  });
});
