import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { collectionPath, topicPath } from "../../bridge/sinks/embedded-sink.ts";
import { isoTime } from "../../bridge/kafka/kafka-record.ts";
import {
  foldConversation,
  foldMessage,
  type ConversationChange,
  type ConversationState,
  type MessageChange,
  type MessageState,
} from "../../core/bridging/archive-fold.ts";
import type { FoundEvent } from "./sink-contract.ts";

/** A document of a collection as its lines add up to it. */
export interface FoundDocument {
  _id: string;
  [field: string]: unknown;
}

export async function readTopic(folder: string, topic: string): Promise<FoundEvent[]> {
  const lines = await readLines(join(folder, topicPath(topic)));
  return lines.map(({ key, headers, value }) => {
    const id = String(Object(headers)["ce_id"]);
    const parsed: unknown = JSON.parse(String(value));
    const content: unknown = Object(parsed)["content"];
    return {
      conversationId: String(key),
      seq: Number(id.slice(id.lastIndexOf(".") + 1)),
      content: typeof content === "string" ? content : null,
    };
  });
}

/**
 * The first line of an `_id` inserts, an `event` is folded in, and what only grows takes its largest, as
 * bridge/sinks/embedded-sink.ts says.
 */
export async function readCollection(
  folder: string,
  collection: string,
): Promise<Map<string, FoundDocument>> {
  const documents = new Map<string, FoundDocument>();
  for (const line of await readLines(join(folder, collectionPath(collection)))) {
    const id = String(line["_id"]);
    const known = documents.get(id);
    const event = line["event"];
    if (event === undefined)
      documents.set(id, { ...line, ...known, _id: id, ...largest(line, known) });
    else if (known !== undefined) documents.set(id, folded(known, event));
  }
  return documents;
}

/** The sink wrote the document and the event, both whole. */
function folded(document: FoundDocument, event: unknown): FoundDocument {
  const change = event as MessageChange | ConversationChange;
  if (change.type === "membership" || change.type === "settings" || change.type === "dismissed") {
    const state = document as FoundDocument & ConversationState<string>;
    return foldConversation(state, change, isoTime);
  }
  return foldMessage(document as FoundDocument & MessageState<string>, change, isoTime);
}

function largest(line: Line, known: Line | undefined): Line {
  const grown = GROWING.filter((field) => line[field] !== undefined);
  return Object.fromEntries(
    grown.map((field) => {
      const values = [line[field], known?.[field]].filter((value) => value !== undefined);
      return [field, values.toSorted((a, b) => (isLess(a, b) ? -1 : 1)).at(-1)];
    }),
  );
}

function isLess(one: unknown, other: unknown): boolean {
  return typeof one === "number" ? one < Number(other) : String(one) < String(other);
}

const GROWING = ["updatedAt", "archivedSeq", "delivered", "deliveredAt", "read", "readAt"];

type Line = Record<string, unknown>;

async function readLines(path: string): Promise<Line[]> {
  const text = await readFile(path, "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line): Line => Object(JSON.parse(line)));
}
