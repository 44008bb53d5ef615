import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { api, problem, refusalOf, register, type SignIn } from "./support/api.ts";
import { range } from "./support/conversations.ts";

const MISSING = "00000000-0000-4000-8000-000000000000";

async function openDirect(me: SignIn, participantId: string) {
  return api("POST", "/conversations", { token: me.accessToken, body: { participantId } });
}

async function foundGroup(me: SignIn, body: object) {
  return api("POST", "/conversations/group", { token: me.accessToken, body });
}

describe("a direct conversation", () => {
  test("is the same one whoever asks, founded once, and bears the other one's name", async () => {
    const [ada, bob] = await Promise.all([register("Ada"), register("Bob")]);
    const first = await openDirect(ada, bob.user.userId);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({
      success: true,
      metadata: { requestId: expect.any(String) },
    });
    const pair = [ada.user.userId, bob.user.userId].toSorted();
    expect(first.data).toMatchObject({
      conversationId: pair.join("_"),
      _id: pair.join("_"),
      id: pair.join("_"),
      type: "direct",
      name: "Bob",
      memberCount: 2,
      lastMessage: null,
      lastSeq: 0,
    });
    const again = await openDirect(bob, ada.user.userId);
    expect(again.status).toBe(200);
    expect(again.data).toMatchObject({ conversationId: pair.join("_"), name: "Ada" });
    expect(again.data["createdAt"]).toBe(first.data["createdAt"]);
  });

  test("opened by both at once is founded once", async () => {
    const [ada, bob] = await Promise.all([register(), register()]);
    const both = await Promise.all([
      openDirect(ada, bob.user.userId),
      openDirect(bob, ada.user.userId),
    ]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 201]));
    expect(both[0].data["conversationId"]).toBe(both[1].data["conversationId"]);
  });

  test.each([
    ["nobody", {}, 400, "MISSING_DATA"],
    ["an unknown person", { participantId: MISSING }, 404, "NOT_FOUND"],
    ["two people", { participantIds: [MISSING, "other"] }, 400, "INVALID_DATA"],
    ["a number", { participantId: 7 }, 400, "INVALID_DATA"],
    ["text that is not JSON", "{", 400, "INVALID_DATA"],
  ])("with %s is refused", async (_name, body, status, code) => {
    const { accessToken: token } = await register();
    expect(refusalOf(await api("POST", "/conversations", { token, body }))).toEqual(
      problem(status, code),
    );
  });

  test("with oneself is refused", async () => {
    const ada = await register();
    expect(refusalOf(await openDirect(ada, ada.user.userId))).toEqual(problem(400, "INVALID_DATA"));
  });
});

describe("a group", () => {
  test("is owned by its founder, and /groups is the same route", async () => {
    const [ada, bob] = await Promise.all([register("Ada"), register("Bob")]);
    const body = { name: " Team ", participantIds: [bob.user.userId, bob.user.userId] };
    for (const path of ["/conversations/group", "/groups"]) {
      const founded = await api("POST", path, { token: ada.accessToken, body });
      expect(founded.status).toBe(201);
      expect(founded.data).toMatchObject({
        type: "group",
        name: "Team",
        myRole: "owner",
        memberCount: 2,
      });
      const seen = await api("GET", `/conversations/${String(founded.data["conversationId"])}`, {
        token: bob.accessToken,
      });
      expect(seen.data).toMatchObject({ name: "Team", myRole: "member" });
    }
  });

  test("with a chosen id is founded once; the id of somebody else's group is taken", async () => {
    const [ada, mallory] = await Promise.all([register(), register()]);
    const body = { name: "Team", groupId: `g-${crypto.randomUUID()}` };
    expect((await foundGroup(ada, body)).status).toBe(201);
    expect((await foundGroup(ada, body)).status).toBe(200);
    expect(refusalOf(await foundGroup(mallory, body))).toEqual(problem(409, "ALREADY_EXISTS"));
  });

  test("of somebody who is not the token's is refused", async () => {
    const [ada, bob] = await Promise.all([register(), register()]);
    const body = { name: "Team", adminId: bob.user.userId };
    expect(refusalOf(await foundGroup(ada, body))).toEqual(problem(401, "INVALID_TOKEN"));
    expect((await foundGroup(ada, { name: "Team", adminId: ada.user.userId })).status).toBe(201);
  });

  test.each([
    ["no name", {}, 400, "MISSING_DATA"],
    ["an empty name", { name: " " }, 400, "INVALID_DATA"],
    [
      "an id that could be a direct conversation's",
      { name: "T", groupId: "a_b" },
      400,
      "INVALID_DATA",
    ],
    ["an unknown member", { name: "T", participantIds: [MISSING] }, 404, "NOT_FOUND"],
    [
      "too many members",
      { name: "T", participantIds: range(1, LIMITS.foundingMembers).map((n) => `u${n}`) },
      413,
      "TOO_LARGE",
    ],
  ])("with %s is refused", async (_name, body, status, code) => {
    expect(refusalOf(await foundGroup(await register(), body))).toEqual(problem(status, code));
  });
});

describe("the list", () => {
  test("has every conversation of mine and no other, by pages", async () => {
    const [ada, bob, carol] = await Promise.all([register(), register(), register()]);
    const mine: unknown[] = [];
    for (const name of ["one", "two", "three"]) {
      const founded = await foundGroup(ada, { name, participantIds: [bob.user.userId] });
      mine.push(founded.data["conversationId"]);
    }
    await foundGroup(carol, { name: "not for ada", participantIds: [bob.user.userId] });
    const found: unknown[] = [];
    let path = "/conversations?limit=2";
    for (let page = 0; page < 2; page++) {
      const { data } = await api("GET", path, { token: ada.accessToken });
      expect(data["totalCount"]).toBe(3);
      found.push(...[data["conversations"]].flat().map((each) => Reflect.get(Object(each), "id")));
      path = `/conversations?limit=2&cursor=${encodeURIComponent(String(data["nextCursor"]))}`;
    }
    expect(found).toHaveLength(3);
    expect(new Set(found)).toEqual(new Set(mine));
  });

  test.each(["0", "-1", "many", "1e3"])("limit=%s is refused", async (limit) => {
    const { accessToken: token } = await register();
    expect(refusalOf(await api("GET", `/conversations?limit=${limit}`, { token }))).toEqual(
      problem(400, "INVALID_DATA"),
    );
  });
});

describe("a conversation one may not see", () => {
  test("is answered exactly like one that does not exist", async () => {
    const [ada, mallory] = await Promise.all([register(), register()]);
    const founded = await foundGroup(ada, { name: "secret" });
    const id = String(founded.data["conversationId"]);
    const ask = async (conversationId: string) => {
      const token = mallory.accessToken;
      const answers = await Promise.all([
        api("GET", `/conversations/${conversationId}`, { token }),
        api("GET", `/messages?conversationId=${conversationId}`, { token }),
        api("GET", `/messages/${conversationId}.0`, { token }),
        api("GET", `/messages/${conversationId}.1`, { token }),
        api("POST", "/messages", { token, body: { conversationId, content: "hi" } }),
      ]);
      return answers.map(({ status, body: { requestId: _own, ...body } }) => ({ status, body }));
    };
    const answers = await ask(id);
    expect(answers).toEqual(await ask(MISSING));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  });

  test("with an id that is none is INVALID_DATA", async () => {
    const { accessToken: token } = await register();
    for (const id of ["a_b_c", "b_a", "~zz_a", "x".repeat(65)]) {
      expect(refusalOf(await api("GET", `/conversations/${id}`, { token }))).toEqual(
        problem(400, "INVALID_DATA"),
      );
    }
  });
});
