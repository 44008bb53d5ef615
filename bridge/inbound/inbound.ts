import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { fullJitterMs } from "../../core/backoff.ts";
import type { IngestOutcome, IngestRecord } from "../../protocol/ingest.ts";
import { DeadLetters } from "./dead-letters.ts";
import {
  bringIn,
  type InboundCounts,
  type InboundRecord,
  type ReadValue,
} from "./inbound-records.ts";
import { createKafka, RETRIES } from "../kafka/kafka-client.ts";
import type { KafkaConnection } from "../kafka/kafka-connection.ts";
import type { Log } from "../log.ts";
import { degraded, failureOf, HEALTHY, STARTING, type PartState } from "../part-state.ts";
import { retry } from "../retry.ts";
import { sleep } from "../sleep.ts";

export interface InboundOptions {
  connection: KafkaConnection;
  topic: string;
  /** Of its consumer group, behind the client's id. */
  group: string;
  read: ReadValue;
  deadLetterTopic: string;
  ingest: (records: readonly IngestRecord[]) => Promise<readonly IngestOutcome[]>;
  log: Log;
  random: () => number;
}

export type InboundHealth = PartState & InboundCounts;

/** Of each topic that is consumed, by its name in inbound-topics.ts; none without Kafka. */
export type InboundReport = Readonly<Record<string, InboundHealth>>;

/** Waits between tries while Kafka or the edge is away; below the group's session, which a wait must not outlast. ms. */
const RETRY = { baseMs: 200, capMs: 5_000 };
const SESSION_MS = 30_000;
/** Records that are brought in together. The library commits offsets of what was brought in after each fetched batch. */
const STEP = 200;

/**
 * Consumes an inbound topic. An offset is committed only once its record has had its effect (ING-3): a crash anywhere
 * brings records again, and the edge counts each once.
 */
export class Inbound {
  readonly #options: InboundOptions;
  readonly #kafka: Kafka;
  readonly #deadLetters: DeadLetters;
  readonly #stopping = new AbortController();
  readonly #counts: InboundCounts = { applied: 0, repeated: 0, skipped: 0, deadLetters: 0 };
  #consumer: Consumer | null = null;
  #hasCrashed = false;
  #state = STARTING;

  constructor(options: InboundOptions) {
    this.#options = options;
    this.#kafka = createKafka(options.connection, options.log);
    this.#deadLetters = new DeadLetters(this.#kafka, options.deadLetterTopic);
  }

  health(): InboundHealth {
    return { ...this.#state, ...this.#counts };
  }

  /** Resolves once it consumes, however long that takes, or it is stopped. */
  async start(): Promise<void> {
    const { random } = this.#options;
    const { signal } = this.#stopping;
    const failed = (error: unknown) => this.#failed("start", error);
    const run = () => (signal.aborted ? Promise.resolve() : this.#consume());
    await retry({ bounds: RETRY, random, signal, failed }, run).catch(failed);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#consumer?.disconnect();
    await this.#deadLetters.stop();
  }

  async #consume(): Promise<void> {
    const { topic, group, connection } = this.#options;
    await this.#consumer?.disconnect();
    const consumer = this.#kafka.consumer({
      groupId: `${connection.clientId}.${group}`,
      sessionTimeout: SESSION_MS,
      allowAutoTopicCreation: false,
      retry: { retries: RETRIES },
    });
    this.#consumer = consumer;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#hasCrashed = true;
      this.#failed("consume", payload.error);
      if (!payload.restart) void this.start(); // never rejects
    });
    // where the library starts again by itself, nothing else says that it has: records may be long in coming
    consumer.on(consumer.events.GROUP_JOIN, () => {
      if (this.#hasCrashed) this.#works();
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#batch(payload),
    });
    this.#works();
  }

  async #batch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    for (let from = 0; from < batch.messages.length; from += STEP) {
      const step = batch.messages.slice(from, from + STEP);
      const last = step.at(-1);
      const records = step.map(({ offset, key, value, headers = {} }): InboundRecord => {
        const place = { topic: batch.topic, partition: batch.partition, offset };
        return { place, key, value, headers };
      });
      if (last === undefined || !(await this.#broughtIn(records, payload))) return;
      payload.resolveOffset(last.offset);
      await payload.heartbeat();
    }
  }

  /** Tries until it is done; false when the partition has gone to somebody else meanwhile, or the bridge stops. */
  async #broughtIn(records: readonly InboundRecord[], payload: EachBatchPayload): Promise<boolean> {
    const { read, ingest, random } = this.#options;
    const bury = (record: InboundRecord, reason: string) => this.#bury(record, reason);
    for (let attempt = 0; ; attempt++) {
      if (!payload.isRunning() || payload.isStale() || this.#stopping.signal.aborted) return false;
      try {
        this.#count(await bringIn(records, { read, ingest, bury }));
        this.#works();
        return true;
      } catch (error) {
        this.#failed("ingest", error);
        await sleep(fullJitterMs(attempt, RETRY, random()), this.#stopping.signal);
        await payload.heartbeat(); // throws when the group was rearranged: the library joins again
      }
    }
  }

  async #bury(record: InboundRecord, reason: string): Promise<void> {
    const { topic, partition, offset } = record.place;
    await this.#deadLetters.bury(record, reason);
    this.#options.log.error("inbound.dead_letter", { topic, partition, offset, reason });
  }

  #count(counts: InboundCounts): void {
    this.#counts.applied += counts.applied;
    this.#counts.repeated += counts.repeated;
    this.#counts.skipped += counts.skipped;
    this.#counts.deadLetters += counts.deadLetters;
  }

  #works(): void {
    this.#hasCrashed = false;
    this.#state = HEALTHY;
  }

  #failed(step: string, error: unknown): void {
    const failure = failureOf(error);
    this.#state = degraded(failure);
    this.#options.log.warn("inbound.retry", { step, topic: this.#options.topic, ...failure });
  }
}
