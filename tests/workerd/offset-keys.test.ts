import { expect, test } from "vitest";
import { offsetEntry, offsetText, parseOffset } from "../../core/chat/recovery-offset.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { OffsetKeys } from "../../durable-objects/gateway/offset-keys.ts";

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
