import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { archiveBatch } from "../../tests/support/archive-events.ts";
import { sinkContract } from "../../tests/support/sink-contract.ts";
import { readCollection, readTopic } from "../../tests/support/embedded-archive.ts";
import { collectionPath, EmbeddedSink, topicPath } from "./embedded-sink.ts";
import { DEFAULT_TOPICS } from "../kafka/topics.ts";

async function newFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "parley-sink-"));
}

describe("the embedded sink as topics", () => {
  sinkContract(async () => {
    const folder = await newFolder();
    return {
      open: () => new EmbeddedSink(folder, DEFAULT_TOPICS),
      async read() {
        const founded = await readTopic(folder, DEFAULT_TOPICS.events);
        return [...founded, ...(await readTopic(folder, DEFAULT_TOPICS.messages))];
      },
      close: () => rm(folder, { recursive: true }),
    };
  });
});

describe("the embedded sink as collections", () => {
  sinkContract(async () => {
    const folder = await newFolder();
    return {
      open: () => new EmbeddedSink(folder, DEFAULT_TOPICS),
      async read() {
        const conversations = [...(await readCollection(folder, "conversations")).values()];
        const messages = [...(await readCollection(folder, "messages")).values()];
        return [
          ...conversations.map(({ _id }) => ({ conversationId: _id, seq: 0, content: null })),
          ...messages.map(({ conversationId, seq, content }) => ({
            conversationId: String(conversationId),
            seq: Number(seq),
            content: String(content),
          })),
        ];
      },
      close: () => rm(folder, { recursive: true }),
    };
  });
});

test("a last line that a crash tore is cut on start, and nothing before it", async () => {
  const folder = await newFolder();
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, topicPath(DEFAULT_TOPICS.messages));
  const first = new EmbeddedSink(folder, DEFAULT_TOPICS);
  await first.start();
  await first.write([archiveBatch("a", 0, 2)]);
  await first.stop();
  const whole = await readFile(path, "utf8");
  await appendFile(path, `{"key":"a","val${"x".repeat(200_000)}`);

  const second = new EmbeddedSink(folder, DEFAULT_TOPICS);
  await second.start();
  onTestFinished(() => second.stop());
  expect(await readFile(path, "utf8")).toBe(whole);
  await second.write([archiveBatch("a", 3, 3)]);
  expect((await readTopic(folder, DEFAULT_TOPICS.messages)).map(({ seq }) => seq)).toEqual([
    1, 2, 3,
  ]);
});

test("a conversation keeps its founding and knows its latest event", async () => {
  const folder = await newFolder();
  onTestFinished(() => rm(folder, { recursive: true }));
  const sink = new EmbeddedSink(folder, DEFAULT_TOPICS);
  await sink.start();
  await sink.write([archiveBatch("a", 0, 4)]);
  await sink.write([archiveBatch("a", 1, 2)]);
  await sink.stop();
  expect((await readCollection(folder, "conversations")).get("a")).toMatchObject({
    type: "group",
    name: "Team",
    updatedAt: new Date(1_750_000_000_004).toISOString(),
  });
  expect((await readCollection(folder, "bridge_state")).get("a")).toEqual({
    _id: "a",
    archivedSeq: 4,
  });
  expect(await readFile(join(folder, collectionPath("messages")), "utf8")).not.toBe("");
});
