import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_TOPICS } from "../../bridge/kafka/topics.ts";
import { Person, Viewer } from "../../scripts/demo/person.ts";
import type { LoggedChild } from "../../scripts/logged-child.ts";
import { startBridgeProcess } from "../../scripts/stack.ts";
import { startEdge, type Edge } from "../support/edge.ts";
import { readCollection, readTopic } from "../support/embedded-archive.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";

let edge: Edge;
let bridge: LoggedChild | undefined;
let folder: string;
let sink: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "parley-path-"));
  sink = path.join(folder, "sink");
  edge = await startEdge();
  const started = await startBridgeProcess({
    edgeUrl: edge.url,
    healthPort: await freePort(),
    // empty counts as unset: whatever the machine has configured, this bridge writes files
    env: { KAFKA_BROKERS: "", MONGODB_URI: "", MONGO_URI: "", PARLEY_SINK_DIR: sink },
    logFile: path.join(folder, "bridge.log"),
  });
  bridge = started.child;
});
afterAll(async () => {
  await bridge?.stop();
  await edge.stop();
  await rm(folder, { recursive: true, force: true });
});

let matricules = 0;
const newcomer = (name: string) => Person.register(edge.url, name, `path.${++matricules}`);

interface Line {
  seq: number;
  content: string;
}

/** Kafka's place and Mongo's hold these messages of the conversation, in order and each once. */
async function isArchived(conversationId: string, lines: readonly Line[]): Promise<void> {
  await eventually(async () => {
    const topic = await readTopic(sink, DEFAULT_TOPICS.messages);
    const firsts = new Map(
      topic
        .filter((event) => event.conversationId === conversationId)
        .map(({ seq, content }) => [seq, { seq, content }]),
    );
    expect([...firsts.values()]).toEqual(lines);
    const messages = [...(await readCollection(sink, "messages")).values()]
      .filter((document) => document["conversationId"] === conversationId)
      .map(({ seq, content }) => ({ seq, content }));
    expect(messages).toEqual(lines);
    const conversations = await readCollection(sink, "conversations");
    expect(conversations.has(conversationId)).toBe(true);
    const state = (await readCollection(sink, "bridge_state")).get(conversationId);
    expect(state?.["archivedSeq"]).toBe(lines.at(-1)?.seq);
  });
}

function linesOf({ seen }: Viewer): Line[] {
  return seen.map((event) => {
    if (event.type !== "message") throw new Error(`${event.seq} is no message`);
    return { seq: event.seq, content: event.message.content };
  });
}

test("two people with accounts talk through the whole edge, are cut off, and everything is archived", async () => {
  const [ada, bob] = await Promise.all([newcomer("Ada"), newcomer("Bob")]);
  const found = await ada.client.rest.searchUsers("Bob");
  expect(found.users.map(({ userId }) => userId)).toContain(bob.userId);
  const { conversationId } = await ada.client.rest.createDirect(bob.userId);
  const list = await bob.client.rest.listConversations();
  expect(list.conversations.map((each) => each.conversationId)).toEqual([conversationId]);
  const viewers = [ada, bob].map((person) => new Viewer(person, conversationId));
  const said: Line[] = [];
  for (let n = 0; n < 40; n++) {
    const viewer = viewers[n % 2];
    if (n % 10 === 9) viewer?.person.cut();
    const content = `line ${n} 👋`;
    const stored = await viewer?.session.send({ content });
    said.push({ seq: stored?.seq ?? 0, content });
  }
  await Promise.all(viewers.map((viewer) => viewer.hasSeen(said.length)));
  for (const viewer of viewers) expect(linesOf(viewer)).toEqual(said);
  expect(said.map(({ seq }) => seq)).toEqual(said.map((_, index) => index + 1));
  const history = await bob.client.rest.history(conversationId, { limit: 200 });
  expect(history.messages.map(({ seq }) => seq)).toEqual(said.map(({ seq }) => seq));
  await isArchived(conversationId, said);
  for (const viewer of viewers) viewer.session.close();
});

test("a restart of the edge ends no sign-in, no session and no bridge", async () => {
  const [ada, bob] = await Promise.all([newcomer("Ada"), newcomer("Bob")]);
  const { conversationId } = await ada.client.rest.createGroup("Team", [bob.userId]);
  const viewers = [ada, bob].map((person) => new Viewer(person, conversationId));
  const [first, second] = viewers;
  await first?.session.send({ content: "before" });
  await edge.restart();
  const during = second?.session.send({ content: "after" });
  for (const { session } of viewers) session.wake();
  await during;
  await Promise.all(viewers.map((viewer) => viewer.hasSeen(2)));
  const lines = [
    { seq: 1, content: "before" },
    { seq: 2, content: "after" },
  ];
  for (const viewer of viewers) expect(linesOf(viewer)).toEqual(lines);
  expect((await ada.client.rest.me()).userId).toBe(ada.userId);
  await isArchived(conversationId, lines);
  for (const viewer of viewers) viewer.session.close();
});

test("somebody who is not in the conversation gets nothing of it", async () => {
  const [ada, mallory] = await Promise.all([newcomer("Ada"), newcomer("Mallory")]);
  const { conversationId } = await ada.client.rest.createGroup("Secret", []);
  await expect(mallory.client.rest.history(conversationId)).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
  const viewer = new Viewer(mallory, conversationId);
  const refused = viewer.session.send({ content: "let me in" });
  await expect(refused).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  expect(viewer.session.state).toBe("closed");
  expect(viewer.seen).toEqual([]);
});
