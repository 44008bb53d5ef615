import { beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { api, problem, refusalOf, register, type SignIn } from "./support/api.ts";
import { range } from "./support/conversations.ts";

let ada: SignIn;
let bob: SignIn;
beforeAll(async () => {
  [ada, bob] = await Promise.all([register("Ada"), register("Bob")]);
});

async function freshGroup(): Promise<string> {
  const body = { name: "Team", participantIds: [bob.user.userId] };
  const founded = await api("POST", "/conversations/group", { token: ada.accessToken, body });
  return String(founded.data["conversationId"]);
}

const send = (body: object | string, headers: Record<string, string> = {}) =>
  api("POST", "/messages", { token: ada.accessToken, body, headers });

describe("sending", () => {
  test("answers the message with the fields of the contract", async () => {
    const conversationId = await freshGroup();
    const answer = await send({
      conversationId,
      senderId: ada.user.userId,
      content: "héllo 👋",
      clientMessageId: "k1",
      replyTo: `${conversationId}.0`,
      mentions: [bob.user.userId],
      metadata: { color: "red" },
      unknownField: 1,
    });
    expect(answer.status).toBe(201);
    const messageId = `${conversationId}.1`;
    expect(answer.data).toEqual({
      _id: messageId,
      id: messageId,
      messageId,
      conversationId,
      seq: 1,
      senderId: ada.user.userId,
      type: "TEXT",
      content: "héllo 👋",
      metadata: { color: "red" },
      attachments: [],
      deletedAttachments: [],
      replyTo: `${conversationId}.0`,
      mentions: [bob.user.userId],
      version: 1,
      editedAt: null,
      deletedAt: null,
      isSpam: false,
      clientMessageId: "k1",
      createdAt: answer.data["timestamp"],
      reactions: [],
      status: "SENT",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    const read = await api("GET", `/messages/${messageId}`, { token: bob.accessToken });
    expect(read.data).toEqual(answer.data);
  });

  test.each([
    ["clientMessageId", (key: string) => [{ clientMessageId: key }, {}] as const],
    ["Idempotency-Key", (key: string) => [{}, { "idempotency-key": key }] as const],
  ])("[ORD-3] the same %s answers the first message, with 200", async (_name, keyed) => {
    const conversationId = await freshGroup();
    const [field, header] = keyed("same");
    const first = await send({ conversationId, content: "first", ...field }, header);
    const again = await send({ conversationId, content: "second", ...field }, header);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.data).toEqual(first.data);
    const page = await api("GET", `/messages?conversationId=${conversationId}`, {
      token: ada.accessToken,
    });
    expect(page.data["messages"]).toEqual([first.data]);
  });

  test("without a key each send is a message of its own", async () => {
    const conversationId = await freshGroup();
    const body = { conversationId, content: "hi" };
    expect((await send(body)).data["seq"]).toBe(1);
    expect((await send(body)).data["seq"]).toBe(2);
  });

  test("to a person opens the conversation with them", async () => {
    const carol = await register("Carol");
    const first = await send({ receiverId: carol.user.userId, content: "hi" });
    expect(first.status).toBe(201);
    const pair = [ada.user.userId, carol.user.userId].toSorted().join("_");
    expect(first.data["messageId"]).toBe(`${pair}.1`);
    const back = { receiverId: ada.user.userId, content: "hello" };
    const answer = await api("POST", "/messages", { token: carol.accessToken, body: back });
    expect(answer.data["messageId"]).toBe(`${pair}.2`);
  });

  test("under another sender's name is refused, and nothing is stored", async () => {
    const conversationId = await freshGroup();
    const answer = await send({ conversationId, senderId: bob.user.userId, content: "hi" });
    expect(refusalOf(answer)).toEqual(problem(401, "INVALID_TOKEN"));
    expect((await send({ conversationId, content: "hi" })).data["seq"]).toBe(1);
  });

  test("by matricule in place of the user id is the same sender", async () => {
    const conversationId = await freshGroup();
    const answer = await send({ conversationId, senderId: ada.user.matricule, content: "hi" });
    expect(answer.data["senderId"]).toBe(ada.user.userId);
  });

  const tooLong = "é".repeat(LIMITS.contentBytes / 2 + 1);
  test.each<[string, object, number, string]>([
    ["no text", { content: "" }, 400, "INVALID_DATA"],
    ["a text too long", { content: tooLong }, 400, "INVALID_DATA"],
    ["a type that is the server's", { type: "SYSTEM" }, 400, "INVALID_DATA"],
    ["too many mentions", { mentions: range(0, LIMITS.mentions).map(String) }, 400, "INVALID_DATA"],
    [
      "too much metadata",
      { metadata: { a: "x".repeat(LIMITS.metadataBytes) } },
      400,
      "INVALID_DATA",
    ],
    ["a key too long", { clientMessageId: "k".repeat(129) }, 400, "INVALID_DATA"],
    ["a lone surrogate as key", { clientMessageId: "\ud800" }, 400, "INVALID_DATA"],
    ["a body too large", { content: "x".repeat(LIMITS.bodyBytes) }, 413, "TOO_LARGE"],
  ])("%s is refused, and nothing is stored", async (_name, body, status, code) => {
    const conversationId = await freshGroup();
    const answer = await send({ conversationId, content: "hi", ...body });
    expect(refusalOf(answer)).toEqual(problem(status, code));
    expect((await send({ conversationId, content: "hi" })).data["seq"]).toBe(1);
  });

  test.each<[string, object | string, number, string]>([
    ["nowhere", { content: "hi" }, 400, "MISSING_DATA"],
    ["an id that is none", { conversationId: "a_b_c", content: "hi" }, 400, "INVALID_DATA"],
    ["a receiver nobody knows", { receiverId: "nobody", content: "hi" }, 404, "NOT_FOUND"],
    ["nowhere, in broken JSON", "{", 400, "INVALID_DATA"],
    ["nowhere, in JSON that is no object", "[]", 400, "INVALID_DATA"],
  ])("to %s is refused", async (_name, body, status, code) => {
    expect(refusalOf(await send(body))).toEqual(problem(status, code));
  });
});

describe("history", () => {
  test("pages back and forth over the same messages", async () => {
    const conversationId = await freshGroup();
    for (const n of range(1, 7)) await send({ conversationId, content: `m${n}` });
    const page = async (query: string) => {
      const path = `/messages?conversationId=${conversationId}&${query}`;
      const { data } = await api("GET", path, { token: bob.accessToken });
      const seqs = [data["messages"]].flat().map((each) => Reflect.get(Object(each), "seq"));
      return {
        seqs,
        hasMore: data["hasMore"],
        firstSeq: data["firstSeq"],
        lastSeq: data["lastSeq"],
      };
    };
    expect(await page("limit=3")).toEqual({
      seqs: [5, 6, 7],
      hasMore: true,
      firstSeq: 5,
      lastSeq: 7,
    });
    expect(await page("limit=3&beforeSeq=3")).toEqual({
      seqs: [1, 2],
      hasMore: false,
      firstSeq: 1,
      lastSeq: 2,
    });
    expect(await page("limit=3&afterSeq=1")).toEqual({
      seqs: [2, 3, 4],
      hasMore: true,
      firstSeq: 2,
      lastSeq: 4,
    });
    expect(await page("afterSeq=7")).toEqual({
      seqs: [],
      hasMore: false,
      firstSeq: null,
      lastSeq: 7,
    });
  });

  test("[LIM-13] a page has 50 messages unless asked, and never more than 200", async () => {
    const conversationId = await freshGroup();
    const sends = range(1, 210).map((n) => send({ conversationId, content: `m${n}` }));
    await Promise.all(sends);
    const lengthOf = async (query: string) => {
      const path = `/messages?conversationId=${conversationId}${query}`;
      const { data } = await api("GET", path, { token: bob.accessToken });
      return [data["messages"]].flat().length;
    };
    expect(await lengthOf("")).toBe(LIMITS.historyDefault);
    expect(await lengthOf("&limit=9999")).toBe(LIMITS.historyMax);
  });

  test.each(["limit=0", "limit=x", "beforeSeq=-1", "afterSeq=1.5", "afterSeq=x"])(
    "%s is refused",
    async (query) => {
      const path = `/messages?conversationId=${await freshGroup()}&${query}`;
      expect(refusalOf(await api("GET", path, { token: ada.accessToken }))).toEqual(
        problem(400, "INVALID_DATA"),
      );
    },
  );

  test.each(["nonsense", "team.", "team.01", "team.x", "a_b_c.1"])(
    "the message id %s is refused",
    async (messageId) => {
      const answer = await api("GET", `/messages/${messageId}`, { token: ada.accessToken });
      expect(refusalOf(answer)).toEqual(problem(400, "INVALID_DATA"));
    },
  );

  test("a place of the log that holds no message, or is not reached yet, is NOT_FOUND", async () => {
    const conversationId = await freshGroup();
    await send({ conversationId, content: "hi" });
    for (const seq of [0, 2]) {
      const path = `/messages/${conversationId}.${seq}`;
      expect(refusalOf(await api("GET", path, { token: ada.accessToken }))).toEqual(
        problem(404, "NOT_FOUND"),
      );
    }
  });
});
