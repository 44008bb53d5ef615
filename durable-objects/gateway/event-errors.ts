import { isSvcPayload } from "../../core/chat/chat-svc.ts";
import {
  ERROR_EVENTS,
  isNgomnaEvent,
  type NgomnaEventName,
} from "../../core/chat/ngomna-events.ts";
import type { Emission } from "../../core/chat/ngomna-render.ts";
import type { ServerEventName } from "../../core/chat/server-events.ts";
import type { Refusal } from "../../protocol/error-codes.ts";
import type { ClientEvent } from "../socket-io/handlers.ts";
import type { ChatSocket } from "./chat-socket.ts";
import { isSvcEvent } from "./chat-svc-handlers.ts";
import { refusalPayload } from "./outcome.ts";

/** By error events, and by the answer to the one that asks for one. */
export function refuseEvent(
  chat: ChatSocket,
  { name, args, reply }: ClientEvent,
  refused: Refusal,
): void {
  for (const emission of errorsOf(chat, name, args[0], refused)) chat.emit(emission);
  reply?.({ success: false, ...refusalPayload(refused) });
}

/** Error events for the caller, with the ids that were given, so that a client finds what it asked. */
function errorsOf(
  chat: ChatSocket,
  name: string | number,
  payload: unknown,
  refused: Refusal,
): Emission[] {
  const told = { ...refusalPayload(refused), ...idsIn(payload) };
  if (isSvcEvent(name) || (chat.dialect === "chat-svc" && isSvcPayload(payload))) {
    return [["messageError", { error: refused.message, ...told }]];
  }
  if (!isNgomnaEvent(name)) return [];
  const events: readonly ServerEventName[] = ERROR_EVENTS[name satisfies NgomnaEventName];
  return events.map((event) => [event, told] as const);
}

const IDS = [
  "clientMessageId",
  "client_message_id",
  "messageId",
  "conversationId",
  "conversation_id",
  "fileId",
  "groupId",
];
const ID_CHARS = 1_300;

function idsIn(payload: unknown): Record<string, string> {
  if (typeof payload !== "object" || payload === null) return {};
  const ids: Record<string, string> = {};
  for (const name of IDS) {
    const id: unknown = Object.hasOwn(payload, name) ? Reflect.get(payload, name) : undefined;
    if (typeof id === "string" && id.length <= ID_CHARS) ids[name] = id;
  }
  return ids;
}
