import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { TELL_STAFF, UNCHANGED, type ConversationReader, type Decision } from "../conversation.ts";
import type { Actor } from "./change.ts";
import { filesGoneWith } from "./file-changes.ts";
import {
  isAllowed,
  mayWrite,
  NO_SUCH_CONVERSATION,
  NO_SUCH_MESSAGE,
  requireMember,
  requireMessage,
} from "./write-rules.ts";

/** New content for an own message, within the edit window. Rule CHG-2. */
export function decideEdit(
  conversation: ConversationReader,
  actor: Actor,
  { target, content }: { target: number; content: string },
  now: number,
): Result<Decision, Refusal> {
  const member = requireMember(conversation, actor);
  if (!member.ok) return member;
  const found = requireMessage(conversation, target, member.value.historyFrom);
  if (!found.ok) return found;
  const message = found.value;
  if (message.senderId !== actor.userId || message.type === "SYSTEM") {
    return fail(refusal("FORBIDDEN", "only its author may edit a message"));
  }
  const refused = mayWrite(conversation, member.value, now);
  if (refused !== null) return fail(refused);
  const { editWindowS } = conversation.profile.settings;
  if (editWindowS > 0 && now - message.at > editWindowS * 1_000) {
    return fail(refusal("FORBIDDEN", "the time to edit this message is over"));
  }
  if (content === "" && message.type === "TEXT") {
    return fail(refusal("INVALID_DATA", "a TEXT message needs content; delete it instead"));
  }
  if (content === message.content) return ok(UNCHANGED);
  const version = message.version + 1;
  return ok({
    type: "append",
    event: { type: "edited", target, version, content },
    effects: [{ type: "rewrite", seq: target, content, version }],
  });
}

/** Takes a message away for everyone: its author may, and moderators. Rule CHG-3. */
export function decideDelete(
  conversation: ConversationReader,
  actor: Actor,
  { target }: { target: number },
): Result<Decision, Refusal> {
  const member = conversation.member(actor.userId);
  if (member === undefined && actor.authority === "member") return fail(NO_SUCH_CONVERSATION);
  const found = conversation.message(target);
  if (found === undefined || target <= (member?.historyFrom ?? 0)) {
    return fail(NO_SUCH_MESSAGE);
  }
  const isOwn = found.senderId === actor.userId;
  if (!isOwn && !isAllowed(member, actor, "deleteOthersMessages")) {
    return fail(refusal("FORBIDDEN", "only its author or a moderator may delete a message"));
  }
  if (found.deletedAt !== null) return ok(UNCHANGED);
  return ok({
    type: "append",
    event: { type: "deleted", target },
    effects: [{ type: "erase", seq: target }, ...(isOwn ? [] : [TELL_STAFF])],
    further: filesGoneWith(conversation, [target]),
  });
}

/** An emoji on a message or off it: once per member and emoji. Rule CHG-4. */
export function decideReact(
  conversation: ConversationReader,
  actor: Actor,
  { target, emoji, active }: { target: number; emoji: string; active: boolean },
  now: number,
): Result<Decision, Refusal> {
  const member = requireMember(conversation, actor);
  if (!member.ok) return member;
  const found = requireMessage(conversation, target, member.value.historyFrom);
  if (!found.ok) return found;
  const refused = mayWrite(conversation, member.value, now);
  if (refused !== null) return fail(refused);
  const { userId } = actor;
  const has = conversation.hasReaction(target, userId, emoji);
  if (has === active) return ok(UNCHANGED);
  if (active && conversation.emojiCount(target) >= LIMITS.emojisPerMessage) {
    return fail(refusal("TOO_LARGE", `a message has at most ${LIMITS.emojisPerMessage} emojis`));
  }
  return ok({
    type: "append",
    event: { type: "reaction", target, emoji, active },
    effects: [{ type: "react", seq: target, userId, emoji, active }],
  });
}
