import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { PublishOutcome } from "../../core/outbox.ts";
import type { PublishedBatch } from "../../edge/rpc/outbox-rpc.ts";
import { ConversationState } from "../../durable-objects/conversation/conversation-state.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import { OutboxPublisher } from "../../durable-objects/conversation/followers/outbox-publisher.ts";
import { foundGroup, sendMany } from "./support/conversations.ts";

interface Published {
  sink: string;
  batch: PublishedBatch;
  answer: (outcome: PublishOutcome) => void;
}

/** A shard whose answers are in the test's hands. */
class HeldShard {
  readonly #waiting: Published[] = [];
  #arrived: () => void = () => {};
  readonly env: ObjectEnv;
  sinks: string[];
  /** How often somebody wanted to know the sinks. */
  asked = 0;

  constructor(sinks: string[]) {
    this.sinks = sinks;
    const publish = (sink: string, batch: PublishedBatch) =>
      new Promise<{ outcome: PublishOutcome; sinks: string[] }>((resolve) => {
        const answer = (outcome: PublishOutcome) => resolve({ outcome, sinks: this.sinks });
        this.#waiting.push({ sink, batch, answer });
        this.#arrived();
      });
    const askSinks = async () => {
      this.asked++;
      return this.sinks;
    };
    // the publisher uses nothing else of the namespace
    const OUTBOX = {
      getByName: () => ({ publish, sinks: askSinks }),
    } as unknown as ObjectEnv["OUTBOX"];
    this.env = { ...env, OUTBOX };
  }

  async next(): Promise<Published> {
    while (this.#waiting.length === 0) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    const published = this.#waiting.shift();
    if (published === undefined) throw new Error("nothing was published");
    return published;
  }

  get isQuiet(): boolean {
    return this.#waiting.length === 0;
  }
}

/** A publisher of a conversation with three messages, on a shard that is held; `woken` is one after sleep. */
async function withPublisher(
  use: (
    publisher: OutboxPublisher,
    shard: HeldShard,
    woken: () => OutboxPublisher,
  ) => Promise<void>,
  sinks = ["kafka"],
): Promise<void> {
  const conversation = await foundGroup(["alice"], "alone-");
  await sendMany(conversation, "alice", 3);
  await runInDurableObject(conversation.stub, async (_object, { storage }) => {
    const state = new ConversationState(storage);
    if (state.founded === null) throw new Error("it was founded");
    const shard = new HeldShard(sinks);
    const { charter } = state.founded;
    const woken = () => new OutboxPublisher(shard.env, state, charter);
    await use(woken(), shard, woken);
  });
}

/** Lets everything that was answered run on. */
async function settled(): Promise<void> {
  await scheduler.wait(0);
}

test("one batch is under way at a time, however often it is kicked", async () => {
  await withPublisher(async (publisher, shard) => {
    for (let n = 0; n < 5; n++) publisher.kick();
    const { batch, answer } = await shard.next();
    expect([batch.count, batch.lastSeq]).toEqual([4, 3]);
    expect(shard.isQuiet).toBe(true);
    answer({ state: "acked", seq: 3 });
    await settled();
    publisher.kick();
    expect(shard.isQuiet).toBe(true);
    expect(publisher.due(0)).toBeNull();
  });
});

test("a deferred batch waits for the shard's call, and a kick does not ask again", async () => {
  await withPublisher(async (publisher, shard) => {
    publisher.kick();
    (await shard.next()).answer({ state: "deferred" });
    await settled();
    publisher.kick();
    await settled();
    expect(shard.isQuiet).toBe(true);
    publisher.resume();
    expect((await shard.next()).batch.lastSeq).toBe(3);
  });
});

test("a call of the shard that overtakes its own refusal is not lost", async () => {
  await withPublisher(async (publisher, shard) => {
    publisher.kick();
    const { answer } = await shard.next();
    publisher.resume();
    answer({ state: "deferred" });
    expect((await shard.next()).batch.lastSeq).toBe(3);
  });
});

test("[OBX-8] each sink has its own batch under way, and one that is refused stops no other", async () => {
  const use = async (publisher: OutboxPublisher, shard: HeldShard) => {
    publisher.kick();
    const both = [await shard.next(), await shard.next()];
    expect(both.map(({ sink }) => sink)).toEqual(["kafka", "mongodb"]);
    both[0]?.answer({ state: "deferred" });
    both[1]?.answer({ state: "acked", seq: 3 });
    await settled();
    expect(publisher.due(0)).not.toBeNull();
    publisher.resume("mongodb");
    await settled();
    expect(shard.isQuiet).toBe(true);
    publisher.resume("kafka");
    expect(await shard.next()).toMatchObject({ sink: "kafka", batch: { lastSeq: 3 } });
  };
  await withPublisher(use, ["kafka", "mongodb"]);
});

test("[OBX-5] before any bridge has come the shard is asked once, and its call brings everything", async () => {
  const use = async (publisher: OutboxPublisher, shard: HeldShard) => {
    publisher.kick();
    await settled();
    for (let n = 0; n < 5; n++) publisher.kick();
    expect([shard.asked, publisher.due(0)]).toEqual([1, 120_000]);
    shard.sinks = ["mongodb"];
    publisher.resume();
    expect(await shard.next()).toMatchObject({ sink: "mongodb", batch: { lastSeq: 3 } });
  };
  await withPublisher(use, []);
});

test("[OBX-8] a sink that is named anew starts at the founding, one that is not named any more ends", async () => {
  await withPublisher(async (publisher, shard) => {
    publisher.kick();
    const { answer } = await shard.next();
    shard.sinks = ["mongodb"];
    answer({ state: "deferred" });
    const { sink, batch, answer: accept } = await shard.next();
    expect([sink, batch.count]).toEqual(["mongodb", 4]);
    accept({ state: "acked", seq: 3 });
    await settled();
    expect([shard.isQuiet, publisher.due(0)]).toEqual([true, null]);
  });
});

test("[OBX-3] a look stores what it has brought, so that an object that slept brings it no more", async () => {
  await withPublisher(async (publisher, shard, woken) => {
    publisher.kick();
    await shard.next(); // falls asleep before the answer
    const slept = woken();
    const look = slept.lookAfter();
    (await shard.next()).answer({ state: "acked", seq: 3 });
    expect(await look).toBeNull();
    woken().kick();
    await settled();
    expect(shard.isQuiet).toBe(true);
  });
});

test("[OBX-8] a sink that is named again goes on where it was", async () => {
  await withPublisher(async (publisher, shard) => {
    publisher.kick();
    (await shard.next()).answer({ state: "acked", seq: 3 });
    await settled();
    shard.sinks = [];
    publisher.resume();
    await settled();
    shard.sinks = ["kafka"];
    publisher.resume();
    await settled();
    expect([shard.isQuiet, publisher.due(0)]).toEqual([true, null]);
  });
});
