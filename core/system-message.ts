import type { MessageEvent, SystemEvent } from "../protocol/event.ts";

/** An event as a message: what the server says of the conversation reads as a SYSTEM message. Rule MEM-6. */
export function asMessage(event: MessageEvent | SystemEvent): MessageEvent {
  if (event.type === "message") return event;
  const { seq, at, senderId } = event;
  return {
    seq,
    at,
    type: "message",
    senderId,
    clientMessageId: "",
    message: { type: "SYSTEM", content: sentence(event), metadata: details(event) },
  };
}

/** For clients that show text only; others have the details in `metadata`. */
function sentence(event: SystemEvent): string {
  if (event.type === "dismissed") return "The group was dismissed";
  if (event.type === "settings") {
    const { name } = event.settings;
    return name === undefined ? "The settings were changed" : `The group is now called ${name}`;
  }
  const names = event.members.map(({ name }) => name).join(", ");
  const [first] = event.members;
  switch (event.action) {
    case "added":
      return event.requested === true ? `${names} was let in` : `${names} joined by invitation`;
    case "joined":
      return event.inviteId === undefined ? `${names} joined` : `${names} joined by a link`;
    case "left":
      return `${names} left`;
    case "removed":
      return `${names} was removed`;
    case "banned":
      return `${names} was banned`;
    case "unbanned":
      return `${names} may come back`;
    case "role":
      return `${names} is now ${first?.role ?? "member"}`;
    case "transferred":
      return `${first?.name ?? ""} is now the owner`;
    case "muted":
      return (event.until ?? 0) > event.at ? `${names} was muted` : `${names} may write again`;
  }
}

function details(event: SystemEvent): Record<string, unknown> {
  const { seq: _seq, at: _at, senderId: _senderId, type, ...fields } = event;
  return { event: type, ...fields };
}
