import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { api, problem, refusalOf, register, type SignIn } from "./support/api.ts";
import { range } from "./support/conversations.ts";

let ada: SignIn;
let bob: SignIn;
let conversationId: string;
beforeAll(async () => {
  [ada, bob] = await Promise.all([register("Ada"), register("Bob")]);
});
beforeEach(async () => {
  const body = { name: "Team", participantIds: [bob.user.userId] };
  conversationId = String((await as(ada)("POST", "/groups", body)).data["conversationId"]);
});

const as =
  (me: SignIn) =>
  (method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
    api(method, path, { token: me.accessToken, headers, ...(body === undefined ? {} : { body }) });

async function sent(content = "hi"): Promise<string> {
  const { data } = await as(ada)("POST", "/messages", { conversationId, content });
  return `/messages/${String(data["messageId"])}`;
}

describe("a message", () => {
  test("is edited by its author, who can read what it said before", async () => {
    const message = await sent("first");
    const edited = await as(ada)("PATCH", message, { newContent: "second" });
    expect(edited.data).toMatchObject({ content: "second", version: 2 });
    expect(refusalOf(await as(bob)("PATCH", message, { newContent: "mine" }))).toEqual(
      problem(403, "FORBIDDEN"),
    );
    expect((await as(ada)("GET", `${message}/history`)).data["versions"]).toMatchObject([
      { version: 1, content: "first" },
    ]);
    expect(refusalOf(await as(bob)("GET", `${message}/history`))).toEqual(
      problem(403, "FORBIDDEN"),
    );
  });

  test("deleted for everyone leaves a tombstone; hidden, it is gone for one only", async () => {
    const [hidden, deleted] = [await sent("one"), await sent("two")];
    const own = await as(bob)("DELETE", `${hidden}?scope=me`);
    expect(own.data).toMatchObject({ status: "DELETED", scope: "me" });
    expect(refusalOf(await as(bob)("DELETE", deleted))).toEqual(problem(403, "FORBIDDEN"));
    expect((await as(ada)("DELETE", deleted)).data).toMatchObject({ scope: "everyone" });
    const shown = async (me: SignIn) => {
      const page = await as(me)("GET", `/messages?conversationId=${conversationId}`);
      return [page.data["messages"]].flat().map((each) => Object(each).content);
    };
    expect(await shown(bob)).toEqual([""]);
    expect(await shown(ada)).toEqual(["one", ""]);
  });

  test("counts reactions, once per person and emoji", async () => {
    const message = await sent();
    await as(ada)("POST", `${message}/reactions`, { emoji: "👍" });
    await as(bob)("POST", `${message}/reactions`, { emoji: "👍" });
    const again = await as(bob)("POST", `${message}/reactions`, { emoji: "👍" });
    expect(again.data["reactions"]).toEqual([{ emoji: "👍", count: 2, mine: true }]);
    const people = await as(bob)("GET", `${message}/reactions`);
    expect(people.data["reactions"]).toEqual([
      { emoji: "👍", count: 2, mine: true, userIds: [ada.user.userId, bob.user.userId] },
    ]);
    const off = await as(bob)("DELETE", `${message}/reactions/${encodeURIComponent("👍")}`);
    expect(off.data["reactions"]).toEqual([{ emoji: "👍", count: 1, mine: false }]);
  });

  test("is delivered, then read, as its readers say; moving back moves nothing", async () => {
    const [first, second] = [await sent("one"), await sent("two")];
    const say = (message: string, status: string) =>
      as(bob)("PUT", `${message}/status`, { status, conversationId });
    expect((await say(second, "DELIVERED")).data).toMatchObject({ modifiedCount: 2 });
    expect((await say(first, "READ")).data).toMatchObject({ modifiedCount: 1 });
    expect((await as(ada)("GET", `${second}/status`)).data).toMatchObject({
      status: "DELIVERED",
      deliveredTo: [bob.user.userId],
      readBy: [],
      pending: 0,
    });
    expect((await say(first, "DELIVERED")).data).toMatchObject({ modifiedCount: 0 });
    const all = await as(bob)("PUT", `/conversations/${conversationId}/read`);
    expect(all.data).toEqual({ conversationId, readSeq: 2, readCount: 1, unreadCount: 0 });
    expect((await as(ada)("GET", second)).data).toMatchObject({ status: "READ" });
  });

  test("of another conversation moves no cursor here", async () => {
    const message = await sent();
    const body = { status: "READ", messageIds: ["elsewhere.1"] };
    expect(refusalOf(await as(bob)("PUT", `${message}/status`, body))).toEqual(
      problem(400, "INVALID_DATA"),
    );
  });
});

describe("history", () => {
  const page = (query: string, headers: Record<string, string> = {}) =>
    as(bob)("GET", `/messages?conversationId=${conversationId}&${query}`, undefined, headers);
  const contents = ({ data }: Awaited<ReturnType<typeof page>>) =>
    [data["messages"]].flat().map((each) => Object(each).content);

  test("around a seq, and by page numbers with their metadata", async () => {
    for (const n of range(1, 7)) await sent(`m${n}`);
    expect(contents(await page("aroundSeq=4&limit=4"))).toEqual(["m2", "m3", "m4", "m5"]);
    const second = await page("page=2&limit=3");
    expect(contents(second)).toEqual(["m2", "m3", "m4"]);
    expect(second.body["metadata"]).toMatchObject({
      pagination: {
        currentPage: 2,
        totalPages: 3,
        totalCount: 7,
        hasNext: true,
        hasPrevious: true,
        limit: 3,
      },
    });
    expect(contents(await page("page=3&limit=3"))).toEqual(["m1"]);
    expect(refusalOf(await page("page=1&afterSeq=2"))).toEqual(problem(400, "INVALID_DATA"));
  });

  test("with the ETag of what one has is 304, until something changes", async () => {
    const message = await sent();
    const first = await page("limit=5");
    const etag = first.headers.get("etag") ?? "";
    expect((await page("limit=5", { "if-none-match": etag })).status).toBe(304);
    await as(ada)("POST", `${message}/reactions`, { emoji: "👍" });
    expect((await page("limit=5", { "if-none-match": etag })).status).toBe(200);
  });

  test("waits for what comes, and not for what is there", async () => {
    await sent("old");
    expect(contents(await page("afterSeq=0&wait=25"))).toEqual(["old"]);
    const waiting = page("afterSeq=1&wait=25");
    await sent("new");
    expect(contents(await waiting)).toEqual(["new"]);
  });

  test("waits no longer than asked", async () => {
    await sent("old");
    const answer = await page("afterSeq=1&wait=1");
    expect(contents(answer)).toEqual([]);
    expect(answer.data).toMatchObject({ lastSeq: 1, hasMore: false });
    expect(refusalOf(await page("afterSeq=1&wait=26"))).toEqual(problem(400, "INVALID_DATA"));
  });
});
