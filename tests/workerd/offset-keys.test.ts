import { expect, onTestFinished, test, vi } from "vitest";
import { offsetEntry, offsetText, parseOffset } from "../../core/chat/recovery-offset.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { OffsetKeys } from "../../durable-objects/gateway/offset-keys.ts";
import { foundGroup, send } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { freshUser } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";

const keysOf = (secret: string) => new OffsetKeys(() => secret);
const group = (name: string) => name as ConversationId; // letters, digits and "-"

test("a key is the conversation's in every Gateway of a deployment, and another one in another deployment", () => {
  const key = keysOf("one").of(group("tour"));
  expect(keysOf("one").of(group("tour"))).toBe(key);
  expect(keysOf("two").of(group("tour"))).not.toBe(key);
  expect(parseOffset(offsetText(0, [offsetEntry(key, 3)]))?.cursors).toEqual(new Map([[key, 3]]));
});

test("ten thousand conversations have ten thousand keys", () => {
  const keys = keysOf("one");
  const made = Array.from({ length: 10_000 }, (_, n) => keys.of(group(`group-${n}`)));
  expect(new Set(made).size).toBe(made.length);
});

test("a recovery makes each key once, and goes on where the offset ends", async () => {
  const place = new EdgePlace();
  const [me, you] = [freshUser(), freshUser()];
  const groups = [await foundGroup([me, you]), await foundGroup([me, you])];
  const token = await mintToken(me);
  const old = await place.dial({ token });
  const { conversations } = (await old.nextEvent("authenticated")) as { conversations: object[] };
  expect(conversations).toHaveLength(groups.length);
  const offset = await old.nextEvent("offset");
  const { pid } = old.connection;
  old.close();
  await old.closed;
  // his Gateway keeps the conversations open, so that it makes no key for them
  const stays = await place.connect(you);
  for (const group of groups) await send(group, you, "missed");
  const of = vi.spyOn(OffsetKeys.prototype, "of");
  onTestFinished(() => of.mockRestore());
  const fresh = await place.dial({ token, pid, offset });
  await fresh.nextEvent("authenticated");
  for (const _ of groups) {
    expect(await fresh.nextEvent("newMessage")).toMatchObject({ content: "missed", seq: 1 });
  }
  expect(of.mock.calls.map(([id]) => id).toSorted()).toEqual(groups.map(({ id }) => id).toSorted());
  stays.close();
});
