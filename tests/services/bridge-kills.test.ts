import { randomUUID } from "node:crypto";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_TOPICS } from "../../bridge/kafka/topics.ts";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { Participant } from "../support/participant.ts";
import { readLog } from "../support/read-log.ts";
import type { FoundEvent } from "../support/sink-contract.ts";
import { bridgeEnv, kafkaBrokers, mongoUri } from "./endpoints.ts";
import { TopicReader } from "./kafka-reader.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { openArchive, type MongoArchive } from "./mongo-archive.ts";
import { CACHE } from "./servers/cache.ts";

const KILLS = 50;
const CONVERSATIONS = 20;
/** Messages that each conversation gets from one kill to the next: 20,000 in all. */
const MESSAGES_A_ROUND = 20;
/** Rounds in which the edge is killed as well. */
const EDGE_KILLS: ReadonlySet<number> = new Set([9, 24, 39]);
const ARCHIVED_WITHIN_MS = 150_000;

/** FC_SEED=n kills at the same points again. */
const SEED = Number(process.env["FC_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** When a bridge dies: on its way up, or once it has carried some of the events that wait for it. */
type Death = { while: "starting"; ms: number } | { while: "carrying"; events: number };
const death: fc.Arbitrary<Death> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({ while: fc.constant("starting" as const), ms: fc.nat({ max: 1_000 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      while: fc.constant("carrying" as const),
      events: fc.integer({ min: 1, max: (CONVERSATIONS * MESSAGES_A_ROUND * 3) / 4 }),
    }),
  },
);

let parley: ParleyWorkerd;
let archive: MongoArchive;
let env: Record<string, string>;
const reader = new TopicReader(kafkaBrokers());
const messagesTopic = `messages.${randomUUID()}`;
const logFile = path.join(CACHE, "logs/killed-bridge.log");

beforeAll(async () => {
  console.log(`bridge-kills: FC_SEED=${SEED}`);
  parley = await ParleyWorkerd.start();
  const database = `kills_${randomUUID()}`;
  archive = await openArchive(mongoUri(), database);
  env = {
    ...bridgeEnv(parley, database),
    KAFKA_TOPIC_CHAT_MESSAGES: messagesTopic,
  };
});
afterAll(async () => {
  await parley.stop();
  await archive.drop();
});

/** Everything that was found of these conversations, by conversation, in the order it was found. */
function byConversation(found: readonly FoundEvent[]): Map<string, FoundEvent[]> {
  return Map.groupBy(found, ({ conversationId }) => conversationId);
}

function firsts(found: readonly FoundEvent[]): FoundEvent[] {
  return [...new Map(found.toReversed().map((event) => [event.seq, event])).values()].toReversed();
}

test("[OBX-3] bridge killed 50 times and edge 3 times during 20,000 events: Kafka in order, Mongo equal to the log", async () => {
  const ids = await Promise.all(
    Array.from({ length: CONVERSATIONS }, (_, n) => parley.group([`writer-${n}`])),
  );
  const writers = ids.map((id, n) => new Participant(parley, id, `writer-${n}`));
  const deaths = fc.sample(death, { numRuns: KILLS, seed: SEED });
  for (const [round, when] of deaths.entries()) {
    const bridge = await KillableBridge.spawn(env, logFile);
    const writing = Promise.all(writers.map((writer) => writeRound(writer, round)));
    if (EDGE_KILLS.has(round)) await killEdge(writers);
    if (when.while === "starting") await pause(when.ms);
    else await bridge.hasCarried(when.events);
    await bridge.kill();
    await writing;
  }
  for (const writer of writers) writer.close();
  const last = await KillableBridge.spawn(env, logFile);
  const messages = KILLS * MESSAGES_A_ROUND;
  await eventually(async () => {
    const states = await archive.documents("bridge_state");
    const reached = new Map(states.map(({ _id, archivedSeq }) => [String(_id), archivedSeq]));
    expect(reached).toEqual(new Map(ids.map((id) => [id, messages])));
  }, ARCHIVED_WITHIN_MS);
  await last.kill();

  const logs = await Promise.all(ids.map((id, n) => readLog(parley, id, `writer-${n}`)));
  const inMongo = byConversation(await archive.events());
  const records = await reader.read(messagesTopic);
  const inKafka = byConversation(records);
  const founded = byConversation(await reader.read(DEFAULT_TOPICS.events));
  // bridges did die between writing and acking, or this would prove nothing
  expect(records.length).toBeGreaterThan(CONVERSATIONS * messages);
  expect(new Set(inMongo.keys())).toEqual(new Set(ids));
  expect(new Set(inKafka.keys())).toEqual(new Set(ids));
  for (const [index, conversationId] of ids.entries()) {
    const log = (logs[index] ?? []).map(({ seq, message }) => {
      return { conversationId, seq, content: message.content };
    });
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: messages }, (_, n) => n + 1));
    const founding = { conversationId, seq: 0, content: null };
    expect(inMongo.get(conversationId)).toEqual([founding, ...log]);
    expect(firsts(inKafka.get(conversationId) ?? [])).toEqual(log);
    expect(firsts(founded.get(conversationId) ?? [])).toEqual([founding]);
  }
});

async function writeRound(writer: Participant, round: number): Promise<void> {
  const keys = Array.from({ length: MESSAGES_A_ROUND }, (_, n) => `${round}-${n}`);
  await Promise.all(keys.map((key) => writer.send(`message ${key}`, key)));
}

async function killEdge(writers: readonly Participant[]): Promise<void> {
  await parley.workerd.restart();
  for (const { session } of writers) session.wake();
}
