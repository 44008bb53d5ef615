import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { Participant } from "../support/participant.ts";
import { bridgeCommand, differencesOf } from "./bridge-command.ts";
import { expectInOrder } from "./kafka-order.ts";
import { TopicReader } from "./kafka-reader.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { LivelyWriter } from "./lively-writer.ts";
import { openArchive, type MongoArchive } from "./mongo-archive.ts";
import { CACHE } from "./servers/cache.ts";
import { startKafka } from "./servers/kafka.ts";
import { startMongo } from "./servers/mongo.ts";
import type { RunningService } from "./servers/service.ts";
import { missingSmallDisk, SmallDisk } from "./servers/small-disk.ts";

const DISK_BYTES = 64 * 1_048_576;
const CONVERSATIONS = 6;
/** Events that each conversation gets from one step to the next. */
const STEP = 40;
const WITHIN_MS = 90_000;
const DATABASE = "full_disk";
const LOG = path.join(CACHE, `logs/full-disk-bridge-${process.pid}.log`);

const missing = await missingSmallDisk();

describe.skipIf(missing !== null)("a disk that is really full", () => {
  let disks: { kafka: SmallDisk; mongo: SmallDisk };
  let kafka: RunningService;
  let parley: ParleyWorkerd;
  let bridge: KillableBridge;
  let archive: MongoArchive;
  let reader: TopicReader;
  let env: Record<string, string>;
  const writers: LivelyWriter[] = [];
  const listeners: Participant[] = [];
  /** Ends everything in the opposite order, however far the start came. */
  const cleanup = new AsyncDisposableStack();

  async function mounted(): Promise<SmallDisk> {
    const disk = await SmallDisk.mount(DISK_BYTES);
    cleanup.defer(() => disk.unmount());
    return disk;
  }

  beforeAll(async () => {
    disks = { kafka: await mounted(), mongo: await mounted() };
    kafka = await startKafka({ disk: disks.kafka });
    cleanup.defer(() => kafka.stop());
    const mongo = await startMongo(disks.mongo);
    cleanup.defer(() => mongo.stop());
    parley = await ParleyWorkerd.start();
    cleanup.defer(() => parley.stop());
    env = {
      EDGE_URL: parley.url,
      BRIDGE_SECRET: parley.bridgeSecret,
      KAFKA_BROKERS: kafka.address,
      MONGODB_URI: `mongodb://${mongo.address}/${DATABASE}`,
    };
    reader = new TopicReader([kafka.address]);
    archive = await openArchive(`mongodb://${mongo.address}`, DATABASE);
    cleanup.defer(() => archive.close());
    bridge = await KillableBridge.spawn(env, LOG);
    cleanup.defer(() => bridge.kill());
    for (let n = 0; n < CONVERSATIONS; n++) {
      const users = [`writer-${n}`, `listener-${n}`] as const;
      const id = await parley.group(users);
      writers.push(new LivelyWriter(parley, id, users[0]));
      listeners.push(new Participant(parley, id, users[1]));
    }
    cleanup.defer(() => [...writers, ...listeners].forEach((each) => each.close()));
  });
  afterAll(() => cleanup.disposeAsync());

  let head = 0;
  /** Live chat: every conversation gets `STEP` more events, and the other member is shown each. */
  async function chat(): Promise<void> {
    head += STEP;
    await Promise.all(writers.map((writer) => writer.writeUpTo(head)));
    await Promise.all(listeners.map((listener) => listener.hasSeen(head)));
  }

  async function health(): Promise<unknown> {
    return (await fetch(bridge.healthUrl)).json();
  }

  async function untilEdgeSays(part: "kafka" | "mongodb", told: object): Promise<void> {
    await eventually(async () => {
      expect(await (await fetch(`${parley.url}/health/${part}`)).json()).toMatchObject(told);
    }, WITHIN_MS);
  }

  async function everythingIsInMongo(): Promise<void> {
    const verified = await bridgeCommand(env, "verify", "all", "--wait", "60");
    expect(differencesOf(verified)).toEqual(new Map());
    expect(verified.exitCode).toBe(0);
  }

  async function everythingIsInKafka(): Promise<void> {
    const ids = writers.map(({ conversationId }) => conversationId);
    await eventually(
      async () => expectInOrder(await reader.read("chat.messages"), ids, head),
      WITHIN_MS,
    );
  }

  async function nothingIsADeadLetter(): Promise<void> {
    expect(await archive.documents("dead_letters")).toEqual([]);
    expect(await reader.records("chat.dead-letter")).toEqual([]);
    expect(await health()).toMatchObject({
      status: "healthy",
      sinks: { kafka: { deadLetters: 0 }, mongodb: { deadLetters: 0 } },
      events: { unreadable: 0 },
    });
  }

  /** What the bridge's log says of the tries of one sink that failed. */
  async function faultsInLog(sink: string): Promise<Set<unknown>> {
    // among them a warning of Node's, which is no entry
    const lines = (await readFile(LOG, "utf8")).split("\n").filter((line) => line.startsWith("{"));
    const entries = lines.map((line): Record<string, unknown> => Object(JSON.parse(line)));
    const retries = entries.filter(({ event, sink: of }) => event === "sink.retry" && of === sink);
    return new Set(retries.map(({ fault }) => fault));
  }

  const HEALTHY = { status: "healthy", fault: null };

  test("MongoDB's disk: the bridge tells it as full and waits, chat and Kafka go on, and once there is room everything arrives", async () => {
    await chat();
    await everythingIsInMongo();
    await untilEdgeSays("mongodb", HEALTHY);

    await disks.mongo.fill();
    await eventually(async () => {
      // what its log has been given before, it may use again, so the first writes may find room
      await chat();
      const full = { status: "degraded", fault: "full", deadLetters: 0 };
      expect(await health()).toMatchObject({ sinks: { mongodb: full, kafka: HEALTHY } });
    }, WITHIN_MS);
    await untilEdgeSays("mongodb", { status: "error", fault: "full" });
    await chat();
    await everythingIsInKafka();
    expect(await health()).toMatchObject({ sinks: { mongodb: { fault: "full" } } });

    await disks.mongo.makeRoom();
    await everythingIsInMongo();
    await untilEdgeSays("mongodb", HEALTHY);
    await nothingIsADeadLetter();
    expect(await faultsInLog("mongodb")).toEqual(new Set(["full"]));
  });

  test("Kafka's disk: it ends itself, so it is unreachable; chat and MongoDB go on, and after a restart with room everything arrives", async () => {
    await chat();
    await everythingIsInKafka();
    await untilEdgeSays("kafka", HEALTHY);

    await disks.kafka.fill();
    await chat();
    await eventually(async () => {
      const gone = { status: "degraded", fault: "unreachable", deadLetters: 0 };
      const reason: unknown = expect.stringMatching(/ECONNREFUSED/);
      expect(await health()).toMatchObject({
        sinks: { kafka: { ...gone, reason }, mongodb: HEALTHY },
      });
    }, WITHIN_MS);
    await untilEdgeSays("kafka", { status: "error", fault: "unreachable" });
    await chat();
    await everythingIsInMongo();

    await disks.kafka.makeRoom();
    await kafka.restart();
    await everythingIsInKafka();
    await everythingIsInMongo();
    await untilEdgeSays("kafka", HEALTHY);
    await eventually(nothingIsADeadLetter, WITHIN_MS);
  });
});
