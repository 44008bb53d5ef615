import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGroupId } from "./ids.ts";
import { inviteTokenOf, parseInviteToken } from "./invite-token.ts";

const groupId = fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/);
const secret = fc.stringMatching(/^[0-9a-f]{32}$/);

test("[ADM-1] a token names its group and its secret", () => {
  fc.assert(
    fc.property(groupId, secret, (id, hidden) => {
      const parsed = parseGroupId(id);
      if (!parsed.ok) throw new Error(`${id} is a group id`);
      const address = { conversationId: parsed.value, secret: hidden };
      expect(parseInviteToken(inviteTokenOf(address))).toEqual({ ok: true, value: address });
    }),
  );
});

test.each([undefined, 7, "", "team", "team.1", `a_b.${"0".repeat(32)}`, `.${"0".repeat(32)}`])(
  "%j is no invitation",
  (value) => {
    expect(parseInviteToken(value)).toMatchObject({ ok: false, error: { code: "INVALID_DATA" } });
  },
);
