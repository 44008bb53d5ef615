import { asMember } from "../../support/changes.ts";
import type { OtherChange } from "../../../core/changes/change.ts";
import type { UserId } from "../../../protocol/ids.ts";
import { foundGroup, valueOf, type TestConversation } from "./conversations.ts";

/** A group of this owner whose newcomers read what comes after them. */
export async function closedGroup(
  owner: UserId,
  others: readonly string[] = [],
): Promise<TestConversation> {
  const group = await foundGroup([owner, ...others]);
  await change(group, owner, { type: "configure", change: { history: "joined" } });
  return group;
}

export async function add(group: TestConversation, owner: UserId, userId: UserId): Promise<number> {
  return change(group, owner, { type: "addMembers", people: [{ userId, name: "Newcomer" }] });
}

/** Answers where in the log it stands. */
export async function change(
  { rpc }: TestConversation,
  userId: UserId,
  wanted: OtherChange,
): Promise<number> {
  return valueOf(await rpc.change(asMember(userId), crypto.randomUUID(), wanted)).seq;
}
