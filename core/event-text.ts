import type { LogEvent } from "../protocol/event.ts";
import type { MessageBody } from "../protocol/message.ts";
import type { ReplacedVersion } from "../protocol/outbox-frames.ts";
import type { ChangeEvent } from "./conversation.ts";
import { isSpam, type MessageFlag } from "./moderation/message-flag.ts";

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
  /** Of messages: what reports and staff have come to; absent while that is nothing. */
  flag?: MessageFlag;
}

/**
 * The event as its readers get it, as JSON, spliced from a row's parts: equal to JSON.stringify of the parsed event.
 * Who reported or judged a message is not for them; the bridge gets `outboxEventText`. Rule MOD-1.
 */
export function eventText(row: LogRow): string {
  if (row.type !== "reported" && row.type !== "judged") return fullText(row);
  const { target, isSpam, reports } = JSON.parse(row.body) as FlagBody; // written by changeBodyText alone
  // a report that changes nothing in sight only keeps its place
  if (!isSpam && reports !== undefined) return hiddenEventText(row);
  return `{"seq":${row.seq},"at":${row.at},"type":"flagged","target":${target},"isSpam":${isSpam}}`;
}

type FlagBody = { target: number; isSpam: boolean; reports?: number };

function fullText(row: LogRow): string {
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
  const text = fullText(row);
  if (replaced === undefined && row.traceparent === null) return text;
  const version = replaced === undefined ? "" : `,"replaced":${JSON.stringify(replaced)}`;
  const trace = row.traceparent === null ? "" : `,"traceparent":"${row.traceparent}"`;
  return `${text.slice(0, -1)}${version}${trace}}`;
}

/** What a reader gets in place of a message that he has hidden for himself. Rule CHG-5. */
export function hiddenEventText({ seq, at }: Pick<LogRow, "seq" | "at">): string {
  return `{"seq":${seq},"at":${at},"type":"hidden"}`;
}

function historyText({ version, editedAt, deletedAt, flag }: LogRow): string {
  const edited = editedAt === null ? "" : `,"version":${version},"editedAt":${editedAt}`;
  const deleted = deletedAt === null ? "" : `,"deletedAt":${deletedAt}`;
  return edited + deleted + (isSpam(flag) ? ',"isSpam":true' : "");
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
