import { refusal, type Refusal } from "./error-codes.ts";
import { parseGroupId, type ConversationId } from "./ids.ts";
import { fail, ok, type Result } from "./result.ts";

/** What a link carries: the group, so that it is found without a directory, and the secret that opens it. */
export interface InviteAddress {
  conversationId: ConversationId;
  secret: string;
}

const TOKEN = /^([A-Za-z0-9-]{1,64})\.([0-9a-f]{32})$/;

export function inviteTokenOf({ conversationId, secret }: InviteAddress): string {
  return `${conversationId}.${secret}`;
}

export function parseInviteToken(value: unknown): Result<InviteAddress, Refusal> {
  const [, group, secret] = (typeof value === "string" ? TOKEN.exec(value) : null) ?? [];
  const conversationId = parseGroupId(group);
  if (!conversationId.ok || secret === undefined) {
    return fail(refusal("INVALID_DATA", "not an invitation"));
  }
  return ok({ conversationId: conversationId.value, secret });
}
