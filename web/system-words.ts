import type { TimelineEntry } from "../client/index.ts";
import type { Members } from "./members.ts";

type SystemEntry = Exclude<TimelineEntry, { type: "message" }>;

/** What happened to members and settings, in words for the reader. */
export function systemWords(entry: SystemEntry, members: Members): string {
  const actor = members.nameOf(entry.senderId);
  if (entry.type === "settings") return settingsWords(entry, actor);
  if (entry.type === "dismissed") return `${actor} dismissed the group`;
  const names = entry.members
    .map(({ userId, name }) => {
      if (members.isMe(userId)) return "you";
      return name === userId ? (members.knownNameOf(userId) ?? "somebody") : name;
    })
    .join(", ");
  const isSelf = entry.members.every(({ userId }) => userId === entry.senderId);
  switch (entry.action) {
    case "added":
      return `${actor} ${entry.requested === true ? "let in" : "added"} ${names}`;
    case "joined":
      return `${actor} joined${entry.inviteId === undefined ? "" : " by a link"}`;
    case "left":
      return `${actor} left`;
    case "removed":
      return isSelf ? `${actor} left` : `${actor} removed ${names}`;
    case "banned":
      return `${actor} banned ${names}`;
    case "unbanned":
      return `${actor} let ${names} come back`;
    case "role":
      return `${actor} gave ${names} the role ${entry.members[0]?.role ?? "member"}`;
    case "transferred":
      return `${actor} handed the group over to ${names}`;
    case "muted":
      return (entry.until ?? 0) > entry.at
        ? `${actor} muted ${names}`
        : `${actor} let ${names} write again`;
  }
}

function settingsWords(
  { settings }: Extract<SystemEntry, { type: "settings" }>,
  actor: string,
): string {
  if (settings.name !== undefined) return `${actor} called the group ${settings.name}`;
  if (settings.locked !== undefined) {
    return `${actor} ${settings.locked ? "locked" : "unlocked"} the conversation`;
  }
  return `${actor} changed the settings`;
}
