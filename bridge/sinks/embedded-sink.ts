import { join } from "node:path";
import {
  archiveWrites,
  type ArchiveBatch,
  type DocumentChanges,
} from "../../core/bridging/archive-writes.ts";
import { JsonLinesFile } from "./json-lines-file.ts";
import { isoTime, kafkaRecords } from "../kafka/kafka-record.ts";
import type { Sink } from "./sink.ts";
import type { Topics } from "../kafka/topics.ts";

const COLLECTIONS = ["messages", "conversations", "receipts", "reports", "bridge_state"] as const;

/**
 * Stands in for Kafka and MongoDB where neither is configured: one file of JSON lines per topic and per collection.
 * Topics hold repeats, as Kafka's do. In a collection the first line of an `_id` inserts; a later one with an `event`
 * changes it as core/bridging/archive-fold.ts says; cursors, `updatedAt` and `archivedSeq` are the largest of their lines.
 */
export class EmbeddedSink implements Sink {
  readonly name = "embedded";
  readonly parallel = 1;
  readonly #folder: string;
  readonly #topics: Topics;
  #files = new Map<string, JsonLinesFile>();

  constructor(folder: string, topics: Topics) {
    this.#folder = folder;
    this.#topics = topics;
  }

  async start(): Promise<void> {
    await this.stop();
    const paths = [
      ...[this.#topics.messages, this.#topics.events].map(topicPath),
      ...COLLECTIONS.map(collectionPath),
    ];
    for (const path of paths) {
      this.#files.set(path, await JsonLinesFile.open(join(this.#folder, path)));
    }
  }

  async write(batches: readonly ArchiveBatch[]): Promise<{ deadLetters: number }> {
    const writes = archiveWrites(batches, isoTime);
    const records = kafkaRecords(this.#topics, batches);
    const touched = writes.reached.map(({ conversationId, updatedAt }) => ({
      _id: conversationId,
      updatedAt,
    }));
    await Promise.all([
      ...[...Map.groupBy(records, (record) => topicPath(record.topic))].map(([path, lines]) =>
        this.#append(
          path,
          lines.map(({ key, headers, value }) => ({ key, headers, value })),
        ),
      ),
      this.#append(collectionPath("messages"), [
        ...writes.messages,
        ...changeLines(writes.messageChanges),
      ]),
      this.#append(collectionPath("conversations"), [
        ...writes.founded,
        ...touched,
        ...changeLines(writes.conversationChanges),
      ]),
      this.#append(collectionPath("receipts"), writes.receipts),
      this.#append(collectionPath("reports"), writes.reports),
    ]);
    // Last: it says that everything up to there is archived.
    const state = writes.reached.map(({ conversationId, archivedSeq }) => ({
      _id: conversationId,
      archivedSeq,
    }));
    await this.#append(collectionPath("bridge_state"), state);
    return { deadLetters: 0 };
  }

  async stop(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await Promise.all(files.map((file) => file.close()));
  }

  async #append(path: string, values: readonly object[]): Promise<void> {
    if (values.length === 0) return;
    const file = this.#files.get(path);
    if (file === undefined) throw new Error(`${path} is not open`);
    await file.append(values.map((value) => JSON.stringify(value)));
  }
}

function changeLines(changes: readonly DocumentChanges<object>[]): object[] {
  return changes.flatMap(({ _id, events }) => events.map((event) => ({ _id, event })));
}

export function topicPath(topic: string): string {
  return join("kafka", `${topic}.jsonl`);
}

export function collectionPath(collection: string): string {
  return join("mongodb", `${collection}.jsonl`);
}
