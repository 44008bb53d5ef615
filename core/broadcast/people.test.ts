import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseUserId, type UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { peopleOf } from "./people.ts";

function user(id: string): UserId {
  const parsed = parseUserId(id);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

const ada = user("ada");
const users = (count: number, prefix = "u") =>
  Array.from({ length: count }, (_, n) => user(`${prefix}${n}`));

describe("[BCT-1] the people of a list", () => {
  test("of any ids: each recipient and admin once, in the order given, nobody on both sides, or a refusal", () => {
    const id = fc.constantFrom(...users(8));
    const ids = fc.array(id, { maxLength: 12 });
    fc.assert(
      fc.property(id, ids, ids, (ownerId, adminIds, recipientIds) => {
        const people = peopleOf({ ownerId, adminIds, recipientIds });
        const senders = new Set([ownerId, ...adminIds]);
        const isOnBothSides = recipientIds.some((recipient) => senders.has(recipient));
        expect(people.ok).toBe(recipientIds.length > 0 && !isOnBothSides);
        if (!people.ok) {
          expect(people.error.code).toBe("INVALID_DATA");
          return;
        }
        expect(people.value.recipientIds).toEqual([...new Set(recipientIds)]);
        expect(new Set([ownerId, ...people.value.adminIds])).toEqual(senders);
        expect(people.value.adminIds).not.toContain(ownerId);
        expect(new Set(people.value.adminIds).size).toBe(people.value.adminIds.length);
        // what is in order stays as it is
        expect(peopleOf(people.value)).toEqual(people);
      }),
    );
  });

  test("number at most a thousand, counted without the repeats", () => {
    const full = users(LIMITS.broadcastRecipients);
    const list = { ownerId: ada, adminIds: [] };
    expect(peopleOf({ ...list, recipientIds: [...full, ...full] })).toEqual({
      ok: true,
      value: { ...list, recipientIds: full },
    });
    expect(peopleOf({ ...list, recipientIds: [...full, user("one-more")] })).toMatchObject({
      ok: false,
      error: { code: "TOO_LARGE" },
    });
  });

  test("have a bound of admins, and the owner is none of them", () => {
    const full = users(LIMITS.broadcastAdmins);
    const list = { ownerId: ada, recipientIds: [user("bob")] };
    expect(peopleOf({ ...list, adminIds: [ada, ...full] })).toMatchObject({
      ok: true,
      value: { adminIds: full },
    });
    expect(peopleOf({ ...list, adminIds: [...full, user("one-more")] })).toMatchObject({
      ok: false,
      error: { code: "TOO_LARGE" },
    });
  });
});
