import { expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import type { UserId } from "../../protocol/ids.ts";
import { api } from "./support/api.ts";
import { range } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser, inboxOf } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";

const quote = (id: string) => ({ id, title: "Quote", body: "It was accepted.", data: { n: 7 } });

async function listOf(userId: string, query = "") {
  const token = await mintToken(userId);
  const { data } = await api("GET", `/notifications${query}`, { token });
  const found = [data["notifications"]].flat().map(Object);
  return { ids: found.map(({ id }) => id), found, nextCursor: data["nextCursor"] };
}

test("[NTF-1] reaches every connection of the user, and nobody else's, once for its id", async () => {
  const [me, you] = [freshUser(), freshUser()];
  const [here, there] = [new EdgePlace(), new EdgePlace()];
  const ada = await here.connect(me);
  const bo = await here.connect(you);
  const native = await Multiplexed.open(there, await mintToken(me));
  const inbox = inboxOf(me);
  await expect.poll(async () => (await inbox.presence(asked(me)))?.online).toBe(true);
  expect(await inbox.notify(quote("q1"))).toEqual({ repeated: false });
  expect(await inbox.notify(quote("q1"))).toEqual({ repeated: true });
  await inbox.notify(quote("q2"));
  await inboxOf(you).notify(quote("q3"));
  for (const id of ["q1", "q2"]) {
    expect(await ada.nextEvent("notification")).toEqual({
      ...quote(id),
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(await native.next(undefined, "notification")).toMatchObject(quote(id));
  }
  expect(await bo.nextEvent("notification")).toMatchObject(quote("q3"));
});

test("[NTF-1] waits in the list for whom it did not reach, newest first, in pages", async () => {
  const me = freshUser();
  for (const n of range(1, 3)) await inboxOf(me).notify(quote(`q${n}`));
  const first = await listOf(me, "?limit=2");
  expect(first.ids).toEqual(["q3", "q2"]);
  expect(first.found[0]).toMatchObject(quote("q3"));
  const rest = await listOf(me, `?limit=2&cursor=${String(first.nextCursor)}`);
  expect(rest).toMatchObject({ ids: ["q1"], nextCursor: null });
});

test("[NTF-1] of many the newest are kept, and one that is not any more is not told again", async () => {
  const me = freshUser();
  const inbox = inboxOf(me);
  for (const n of range(1, LIMITS.notificationsKept + 5)) await inbox.notify(quote(`q${n}`));
  const { ids } = await listOf(me, `?limit=${LIMITS.notificationsKept + 100}`);
  expect(ids).toHaveLength(LIMITS.notificationsKept);
  expect([ids[0], ids.at(-1)]).toEqual([`q${LIMITS.notificationsKept + 5}`, "q6"]);
  expect(await inbox.notify(quote("q1"))).toEqual({ repeated: true });
  expect((await listOf(me)).ids[0]).toBe(ids[0]);
});

function asked(userId: UserId) {
  return { userId, conversationIds: [] };
}
