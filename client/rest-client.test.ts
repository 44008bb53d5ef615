import { expect, test } from "vitest";
import type { Fetch } from "./http.ts";
import { AccountsClient, RestClient } from "./rest-client.ts";

/** Answers in turn, and notes what was asked. */
function setUp(...answers: (Response | Error)[]) {
  const asked: { url: string; method: string; token: string | null; body: unknown }[] = [];
  const fetch: Fetch = async (url, { method = "", headers, body }) => {
    const token = new Headers(headers).get("authorization");
    asked.push({
      url,
      method,
      token,
      body: typeof body === "string" ? JSON.parse(body) : undefined,
    });
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error("nobody answers");
  };
  const tokens = { token: async (refused?: string) => (refused === undefined ? "old" : "new") };
  const rest = new RestClient(fetch, "https://edge.test", tokens);
  return { asked, rest, accounts: new AccountsClient(fetch, "https://edge.test") };
}

const enveloped = (data: unknown) =>
  Response.json({ success: true, message: "", data, metadata: {} });
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json(
    { type: "about:blank", status, code, message: "no", success: false },
    { status, headers },
  );

test("history speaks the events of the socket", async () => {
  const message = {
    _id: "team-1.3",
    messageId: "team-1.3",
    seq: 3,
    senderId: "u1",
    type: "TEXT",
    content: "hi",
    metadata: null,
    attachments: [],
    mentions: [],
    replyTo: null,
    clientMessageId: "k",
    createdAt: "2026-01-02T03:04:05.006Z",
    reactions: [{ emoji: "👍", count: 1, mine: false }],
  };
  const { rest, asked } = setUp(
    enveloped({ messages: [message], hasMore: true, firstSeq: 3, lastSeq: 3 }),
  );
  expect(await rest.history("team-1", { beforeSeq: 4, limit: 10 })).toEqual({
    messages: [
      {
        seq: 3,
        at: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
        type: "message",
        senderId: "u1",
        clientMessageId: "k",
        message: { type: "TEXT", content: "hi", mentions: [], attachments: [] },
      },
    ],
    reacted: [3],
    hasMore: true,
    lastSeq: 3,
  });
  expect(asked).toEqual([
    {
      url: "https://edge.test/messages?conversationId=team-1&beforeSeq=4&limit=10",
      method: "GET",
      token: "Bearer old",
      body: undefined,
    },
  ]);
});

test("history says which messages are spam", async () => {
  const said = (seq: number) => ({
    seq,
    senderId: "u1",
    type: "TEXT",
    content: "hi",
    createdAt: "2026-01-02T03:04:05.006Z",
  });
  const messages = [{ ...said(1), isSpam: true }, { ...said(2), isSpam: false }, said(3)];
  const { rest } = setUp(enveloped({ messages, hasMore: false, lastSeq: 3 }));
  const history = await rest.history("team-1", { limit: 10 });
  expect(history.messages.map(({ seq, isSpam }) => [seq, isSpam])).toEqual([
    [1, true],
    [2, undefined],
    [3, undefined],
  ]);
});

test("whose the reactions on a message are", async () => {
  const reactions = [{ emoji: "👍", count: 2, mine: true, userIds: ["u1", "u2"] }];
  const { rest, asked } = setUp(enveloped({ messageId: "team-1.3", reactions }));
  expect(await rest.reactions("team-1", 3)).toEqual([{ emoji: "👍", userIds: ["u1", "u2"] }]);
  expect(asked.map(({ url }) => url)).toEqual(["https://edge.test/messages/team-1.3/reactions"]);
});

test("a refused token is renewed once, and the request repeated", async () => {
  const me = { userId: "u1", matricule: "ada", name: "Ada", email: null };
  const { rest, asked } = setUp(problem(401, "TOKEN_EXPIRED"), Response.json(me));
  expect(await rest.me()).toEqual({ userId: "u1", matricule: "ada", name: "Ada" });
  expect(asked.map(({ token }) => token)).toEqual(["Bearer old", "Bearer new"]);
});

test("a token refused twice is the answer", async () => {
  const { rest, asked } = setUp(problem(401, "INVALID_TOKEN"), problem(401, "INVALID_TOKEN"));
  await expect(rest.me()).rejects.toMatchObject({ code: "INVALID_TOKEN" });
  expect(asked.length).toBe(2);
});

test.each([
  ["a refusal", problem(403, "FORBIDDEN"), "FORBIDDEN", false],
  ["a rate limit", problem(429, "RATE_LIMITED", { "retry-after": "3" }), "RATE_LIMITED", true],
  ["a code of a newer server", problem(422, "NEWER"), "NEWER", false],
  ["a proxy's page", new Response("<html>", { status: 502 }), "UNAVAILABLE", true],
  ["no network", new Error("offline"), "NETWORK", true],
  ["an answer of another shape", Response.json({ hello: 1 }), "BAD_ANSWER", false],
  ["an answer that is no JSON", new Response("<html>"), "BAD_ANSWER", false],
])("%s is an error that knows whether to retry", async (_name, answer, code, retry) => {
  const { rest, asked } = setUp(answer);
  const error = await rest.createDirect("u2").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code });
  expect(error).toHaveProperty("shouldRetry");
  expect((error as { shouldRetry(): boolean }).shouldRetry()).toBe(retry); // the line above proves it
  expect(asked.length).toBe(1);
});

test("Retry-After arrives in milliseconds", async () => {
  const { rest } = setUp(problem(429, "RATE_LIMITED", { "retry-after": "3" }));
  await expect(rest.me()).rejects.toMatchObject({ retryAfterMs: 3_000 });
});

test("one may sign in by matricule or by email", async () => {
  const user = { userId: "u1", matricule: "ada", name: "Ada" };
  const answer = { user, accessToken: "a", refreshToken: "r", expiresIn: 900 };
  const { accounts, asked } = setUp(Response.json(answer), Response.json(answer));
  await accounts.login({ login: "ada", password: "p" });
  await accounts.login({ login: "ada@example.org", password: "p" });
  expect(asked.map(({ body }) => body)).toEqual([
    { matricule: "ada", password: "p" },
    { email: "ada@example.org", password: "p" },
  ]);
});
