import { describe, expect, test } from "vitest";
import { api, register, type SignIn } from "./support/api.ts";
import { inboxOf } from "./support/people.ts";
import { pokesOf } from "./worker.ts";

/** Of one, two, three and four bytes a character, and what JSON escapes. */
const SAID = ["plain", "Zoë, naïve", "مرحبا 你好", "🙂 👩‍👩‍👧", 'a "quote"\n\u2028'];

/** A group with one message, which the Inbox has been told of. */
async function groupThatSays(me: SignIn, content: string): Promise<void> {
  const { accessToken: token, user } = me;
  const group = { name: "group", participantIds: [] };
  const { data } = await api("POST", "/conversations/group", { token, body: group });
  const { conversationId } = data;
  const body = { conversationId, content };
  const answer = await api("POST", "/messages", { token, body });
  expect(answer.status).toBe(201);
  await expect
    .poll(() =>
      pokesOf(user.userId).some(
        ({ poke }) => poke.conversationId === conversationId && poke.head === 1,
      ),
    )
    .toBe(true);
}

function listOf(me: SignIn, known?: string) {
  const headers: Record<string, string> = known === undefined ? {} : { "if-none-match": known };
  return api("GET", "/conversations?limit=500", { token: me.accessToken, headers });
}

describe("a list in one request", () => {
  test("has every character of what was said, each conversation once, as its Inbox tells it", async () => {
    const me = await register();
    for (const content of SAID) await groupThatSays(me, content);
    const { data } = await listOf(me);
    expect(data["conversations"]).toMatchObject(
      SAID.toReversed().map((content) => ({ lastMessage: { content } })),
    );
    const told = await inboxOf(me.user.userId).list({ limit: 500, includeArchived: false });
    expect(JSON.parse(told.conversations)).toEqual(data["conversations"]);
  });

  test("of nobody's conversations is empty", async () => {
    const { data } = await listOf(await register());
    expect(data).toMatchObject({ conversations: [], totalCount: 0 });
  });

  test("is another one at once when an entry has changed, and the other entries are the same", async () => {
    const me = await register();
    for (const content of ["one", "two", "three"]) await groupThatSays(me, content);
    const before = await listOf(me);
    const tag = before.headers.get("etag") ?? "";
    expect((await listOf(me, tag)).status).toBe(304);
    const entries = [before.data["conversations"]].flat().map((entry) => Object(entry));
    const changed = entries[1];
    const path = `/conversations/${changed.id}/preferences`;
    await api("PUT", path, { token: me.accessToken, body: { muted: true } });
    const after = await listOf(me, tag);
    expect(after.status).toBe(200);
    expect(after.headers.get("etag")).not.toBe(tag);
    expect(after.data["conversations"]).toEqual([
      entries[0],
      { ...changed, muted: true },
      entries[2],
    ]);
    // what says the same again leaves the tag as it is
    const again = after.headers.get("etag") ?? "";
    await api("PUT", path, { token: me.accessToken, body: { muted: true } });
    expect((await listOf(me, again)).status).toBe(304);
  });
});
