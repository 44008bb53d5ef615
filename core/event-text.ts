import type { LogEvent } from "../protocol/event.ts";
import type { MessageBody } from "../protocol/message.ts";
import type { ReplacedVersion } from "../protocol/outbox-frames.ts";
import type { ChangeEvent } from "./conversation.ts";

/** One row of a conversation's log. `body` is JSON already, so that reading it back costs no parse. */
export interface LogRow {
  seq: number;
  at: number;
  type: LogEvent["type"];
  senderId: string;
  clientMessageId: string | null;
  body: string;
  /** Of messages: 1 until the first edit. */
  version: number;
  editedAt: number | null;
  deletedAt: number | null;
  /** Of messages: JSON array of the ids it mentions. */
  mentions: string | null;
  /** The trace that it is part of: for the bridge, no reader gets it. */
  traceparent: string | null;
}

/** The event as JSON, spliced from a row's parts: equal to JSON.stringify of the parsed event. */
export function eventText(row: LogRow): string {
  const head = `{"seq":${row.seq},"at":${row.at},"type":"${row.type}","senderId":${JSON.stringify(row.senderId)}`;
  switch (row.type) {
    case "founded":
      return `${head},"conversation":${row.body}}`;
    case "message":
      return `${head},"clientMessageId":${JSON.stringify(row.clientMessageId ?? "")},"message":${row.body}${historyText(row)}}`;
    default:
      return `${head},${row.body.slice(1)}`;
  }
}

/** An event as the bridge gets it: with its trace, and an edit or a deletion with the version that it ended. */
export function outboxEventText(row: LogRow, replaced: ReplacedVersion | undefined): string {
  const text = eventText(row);
  if (replaced === undefined && row.traceparent === null) return text;
  const version = replaced === undefined ? "" : `,"replaced":${JSON.stringify(replaced)}`;
  const trace = row.traceparent === null ? "" : `,"traceparent":"${row.traceparent}"`;
  return `${text.slice(0, -1)}${version}${trace}}`;
}

/** What a reader gets in place of a message that he has hidden for himself. Rule CHG-5. */
export function hiddenEventText({ seq, at }: Pick<LogRow, "seq" | "at">): string {
  return `{"seq":${seq},"at":${at},"type":"hidden"}`;
}

function historyText({ version, editedAt, deletedAt }: LogRow): string {
  const edited = editedAt === null ? "" : `,"version":${version},"editedAt":${editedAt}`;
  return deletedAt === null ? edited : `${edited},"deletedAt":${deletedAt}`;
}

export function messageBodyText(body: MessageBody): string {
  return JSON.stringify(body);
}

/** The row's body for an event that is no message: its own fields without the type, which the row has. */
export function changeBodyText({ type: _inRow, ...fields }: ChangeEvent): string {
  return JSON.stringify(fields);
}

export function ackText(clientMessageId: string, seq: number, at: number): string {
  return `{"type":"ack","clientMessageId":${JSON.stringify(clientMessageId)},"seq":${seq},"at":${at}}`;
}

export function eventsFrameText(events: readonly string[], more = false): string {
  return `{"type":"events","events":[${events.join(",")}]${more ? ',"more":true' : ""}}`;
}
