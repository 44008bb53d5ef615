import * as v from "valibot";
import type { Charter } from "../../../core/conversation.ts";
import { nextOutboxAlarm, shardOf, type PublishOutcome } from "../../../core/outbox.ts";
import {
  sinkNameSchema,
  type OutboxConversation,
  type OutboxReceipt,
} from "../../../protocol/outbox-frames.ts";
import { callWithin } from "../../../edge/calls/call.ts";
import type { ConversationState } from "../conversation-state.ts";
import type { ObjectEnv } from "../../../edge/object-env.ts";
import { errorText, logEvent } from "../../../edge/log.ts";
import { OutboxLane, type LaneBatch } from "./outbox-lane.ts";

/** Longer than a bridge needs for its slowest group; a batch that takes longer is published again. */
const PUBLISH_TIMEOUT_MS = 60_000;
const ASK_TIMEOUT_MS = 10_000;
/** How long the timetable waits for what is under way: longer than a bridge without trouble needs. */
const SETTLED_WITHIN_MS = 10_000;
const SINKS_KEY = "outbox_sinks";

const sinksSchema = v.pipe(v.string(), v.parseJson(), v.array(sinkNameSchema));

/**
 * Brings the log to the bridge: the log is the outbox. Each sink of the bridge has a lane with a cursor of its own, so
 * that one that is down stops nobody else (docs/decisions/0004-sinks-apart.md). Which sinks there are, the shard says.
 */
export class OutboxPublisher {
  readonly #env: ObjectEnv;
  readonly #state: ConversationState;
  readonly #conversation: OutboxConversation;
  readonly #lanes = new Map<string, OutboxLane>();
  /** What is known of an answer to which sinks there are; `none` until the shard calls. */
  #sinks: "unknown" | "asking" | "none" = "unknown";
  /** The shard called since it was asked, so an answer of no sinks is out of date. */
  #calledBack = false;
  #failures = 0;

  constructor(env: ObjectEnv, state: ConversationState, charter: Charter) {
    this.#env = env;
    this.#state = state;
    this.#conversation = { conversationId: charter.conversationId, type: charter.type };
    const known = v.safeParse(sinksSchema, state.meta.get(SINKS_KEY));
    if (known.success) this.#openLanes(known.output);
  }

  /** Publishes what the sinks do not have, in the background. Failures stay with the alarm. */
  kick(): void {
    if (this.#lanes.size === 0 && this.#sinks === "unknown") void this.#ask(); // never rejects
    for (const lane of this.#lanes.values()) lane.kick();
  }

  /** The shard called back for one sink, or wants all of them to look again. */
  resume(sink?: string): void {
    this.#calledBack = true;
    const isNews = sink === undefined || !this.#lanes.has(sink);
    if (isNews && this.#sinks !== "asking") void this.#ask(); // never rejects
    for (const [name, lane] of this.#lanes) if (sink === undefined || sink === name) lane.resume();
  }

  /** Receipts that are stored by now; told of with the next batch. */
  add(receipts: readonly OutboxReceipt[]): void {
    for (const lane of this.#lanes.values()) lane.add(receipts);
  }

  /** When the alarm should look again, in epoch ms; null when every sink has everything. */
  due(now: number): number | null {
    if (this.#lanes.size === 0)
      return nextOutboxAlarm({ isBehind: true, failures: this.#failures }, now);
    const times = [...this.#lanes.values()].map((lane) => lane.due(now));
    return times.reduce((one, other) => earlier(one, other), null);
  }

  /** For the alarm: tries again, stores how far the sinks are, and answers when to look again. */
  async lookAfter(): Promise<number | null> {
    this.resume();
    await this.settle();
    return this.due(Date.now());
  }

  /** Stores how far the sinks are, with what is under way to them. What an object that sleeps has not stored, it publishes again. */
  async settle(): Promise<void> {
    const idle = Promise.all([...this.#lanes.values()].map((lane) => lane.idle()));
    await callWithin(SETTLED_WITHIN_MS, idle).catch(() => undefined); // a slow sink is looked after again
    for (const lane of this.#lanes.values()) lane.settle();
  }

  async #ask(): Promise<void> {
    this.#sinks = "asking";
    this.#calledBack = false;
    try {
      const { conversationId } = this.#conversation;
      const sinks = await callWithin(ASK_TIMEOUT_MS, this.#shard().sinks(conversationId));
      this.#failures = sinks.length === 0 ? this.#failures + 1 : 0;
      this.#sinks = sinks.length === 0 && !this.#calledBack ? "none" : "unknown";
      this.#sinksAre(sinks);
    } catch (error) {
      this.#sinks = "unknown";
      this.#failures++;
      this.#failed("sinks_not_told", error);
    }
    if (this.#calledBack) this.kick();
  }

  async #publish(sink: string, batch: LaneBatch): Promise<PublishOutcome | null> {
    try {
      const call = this.#shard().publish(sink, { conversation: this.#conversation, ...batch });
      const { outcome, sinks } = await callWithin(PUBLISH_TIMEOUT_MS, call);
      this.#sinksAre(sinks);
      return outcome;
    } catch (error) {
      this.#failed("publish_failed", error, { sink, seq: batch.lastSeq });
      return null;
    }
  }

  #shard() {
    const shard = shardOf(this.#conversation.conversationId, Number(this.#env.OUTBOX_SHARDS));
    return this.#env.OUTBOX.getByName(String(shard));
  }

  /** The newest bridge's sinks: lanes of others end, new ones start from the founding on. */
  #sinksAre(sinks: readonly string[]): void {
    const isSame =
      sinks.length === this.#lanes.size && sinks.every((sink) => this.#lanes.has(sink));
    if (isSame) return;
    this.#state.meta.set(SINKS_KEY, JSON.stringify(sinks));
    for (const [name, lane] of this.#lanes) {
      if (sinks.includes(name)) continue;
      lane.settle();
      this.#lanes.delete(name);
    }
    this.#openLanes(sinks);
    for (const lane of this.#lanes.values()) lane.kick();
  }

  #openLanes(sinks: readonly string[]): void {
    for (const sink of sinks) {
      if (this.#lanes.has(sink)) continue;
      const publish = (batch: LaneBatch) => this.#publish(sink, batch);
      this.#lanes.set(sink, new OutboxLane(sink, this.#state, publish));
    }
  }

  #failed(event: string, error: unknown, fields: Record<string, string | number> = {}): void {
    const { conversationId } = this.#conversation;
    logEvent(event, { conversationId, ...fields, error: errorText(error) });
  }
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
