import type { MessageBody } from "../protocol/message.ts";

/** One row of a conversation's log. `body` is JSON already, so that reading it back costs no parse. */
export interface LogRow {
  seq: number;
  at: number;
  type: "founded" | "message";
  senderId: string;
  clientMessageId: string | null;
  body: string;
}

/** The event as JSON, spliced from a row's parts: equal to JSON.stringify of the parsed event. */
export function eventText(row: LogRow): string {
  const head = `{"seq":${row.seq},"at":${row.at},"type":"${row.type}","senderId":${JSON.stringify(row.senderId)}`;
  switch (row.type) {
    case "founded":
      return `${head},"conversation":${row.body}}`;
    case "message":
      return `${head},"clientMessageId":${JSON.stringify(row.clientMessageId ?? "")},"message":${row.body}}`;
  }
}

export function messageBodyText(body: MessageBody): string {
  return JSON.stringify(body);
}

export function ackText(clientMessageId: string, seq: number, at: number): string {
  return `{"type":"ack","clientMessageId":${JSON.stringify(clientMessageId)},"seq":${seq},"at":${at}}`;
}

export function eventsFrameText(events: readonly string[], more = false): string {
  return `{"type":"events","events":[${events.join(",")}]${more ? ',"more":true' : ""}}`;
}
