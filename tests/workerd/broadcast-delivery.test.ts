import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { GIVE_UP_MS } from "../../core/broadcast/delivery.ts";
import { DeliveryPump } from "../../durable-objects/broadcast/delivery-pump.ts";
import { JobStore } from "../../durable-objects/broadcast/job-store.ts";
import { ListStore } from "../../durable-objects/broadcast/list-store.ts";
import type { Person } from "../../edge/rpc/broadcast-rpc.ts";
import type { ConversationRpc } from "../../edge/rpc/conversation-rpc.ts";
import { TalliedSql } from "../../durable-objects/storage/tallied-sql.ts";
import {
  directConversationId,
  parseBroadcastId,
  type ConversationId,
  type UserId,
} from "../../protocol/ids.ts";
import { forgetSuspensions } from "../../edge/auth/suspensions.ts";
import type { Env } from "../../edge/env.ts";
import { SuspensionStore } from "../../worker/moderation/suspension-store.ts";
import {
  contentsIn,
  accountHolders,
  completed,
  foundList,
  person,
  post,
  progressOf,
} from "./support/broadcasts.ts";
import { conversationOf, range, user, valueOf } from "./support/conversations.ts";

const LATER_MS = 600_000;

type Appending = ReturnType<ConversationRpc["append"]>;
type Append = (id: ConversationId, append: () => Appending) => Appending;

/** The deployment, with something between the pump and the conversations. */
function envWith(between: Append): Env {
  const getByName = (id: string) => {
    const { id: conversationId, stub, rpc } = conversationOf(id);
    return new Proxy(stub, {
      get(target, name) {
        if (name !== "append") return Reflect.get(target, name);
        return (...args: Parameters<ConversationRpc["append"]>) =>
          between(conversationId, () => rpc.append(...args));
      },
    });
  };
  const CONVERSATION = new Proxy(env.CONVERSATION, {
    get: (target, name) => (name === "getByName" ? getByName : Reflect.get(target, name)),
  });
  return { ...env, CONVERSATION };
}

function lost(): never {
  throw Object.assign(new Error("the object was lost"), { retryable: true });
}

interface Bench {
  sender: Person;
  recipients: Person[];
  jobs: JobStore;
  send: (content: string) => number;
  run: (between?: Append, now?: number) => Promise<number | null>;
  contents: (of: number) => Promise<string[]>;
}

/** A pump on the storage of a list that never runs by itself. */
function onBench(count: number, use: (bench: Bench) => Promise<void>): Promise<void> {
  const broadcastId = valueOf(parseBroadcastId(crypto.randomUUID()));
  const someone = (): Person => ({ userId: user(crypto.randomUUID()), name: "Person" });
  return runInDurableObject(env.BROADCAST.getByName(broadcastId), async (_object, { storage }) => {
    const sql = new TalliedSql(storage.sql);
    const jobs = new JobStore(sql);
    const [sender, recipients] = [someone(), range(1, count).map(someone)];
    new ListStore(sql).setRecipients(recipients);
    await use({
      sender,
      recipients,
      jobs,
      send: (content) => {
        const message = { type: "TEXT" as const, content };
        const clientMessageId = crypto.randomUUID();
        return jobs.add({ sender, clientMessageId, message }, Date.now());
      },
      run: (between = (_id, append) => append(), now = Date.now()) =>
        new DeliveryPump(envWith(between), jobs).run(broadcastId, now),
      contents: async (of) => {
        const reader = recipients[of]?.userId ?? sender.userId;
        const found = await contentsIn(directConversationId(sender.userId, reader), reader);
        return (found ?? []).map(({ content }) => content);
      },
    });
  });
}

const deliveriesOf = (jobs: JobStore, n: number) =>
  jobs.page(n, { after: -1, limit: 1_000 }).deliveries;

const statesOf = (jobs: JobStore, n: number) => deliveriesOf(jobs, n).map(({ state }) => state);

describe("[BCT-4] exactly once", () => {
  test("a try whose answer was lost is made again, and the message stands there once", () =>
    onBench(3, async ({ jobs, send, run, contents }) => {
      const n = send("once");
      const again = await run(async (_id, append) => {
        const answer = await append();
        // not when it says that there is no conversation yet
        if (answer.ok) lost();
        return answer;
      });
      expect(statesOf(jobs, n)).toEqual(["pending", "pending", "pending"]);
      expect(again).toBeGreaterThan(Date.now());
      expect(await run(undefined, Date.now() + LATER_MS)).toBeNull();
      for (const of of [0, 1, 2]) expect(await contents(of)).toEqual(["once"]);
      const stored = { state: "sent", seq: 1, code: null };
      expect(deliveriesOf(jobs, n)).toMatchObject([stored, stored, stored]);
    }));

  test("two runs at once bring each message once", () =>
    onBench(20, async ({ jobs, send, run, contents }) => {
      const n = send("once");
      await Promise.all([run(), run()]);
      expect(jobs.counts(n)).toMatchObject({ pending: 0, sent: 20 });
      for (const of of range(0, 19)) expect(await contents(of)).toEqual(["once"]);
    }));
});

describe("[BCT-5] a recipient in trouble", () => {
  test("waits, and holds up nobody else", () =>
    onBench(3, async ({ sender, recipients, jobs, send, run, contents }) => {
      const n = send("hello");
      const [troubled] = recipients;
      const inTrouble = directConversationId(sender.userId, troubled?.userId ?? sender.userId);
      const between: Append = (id, append) => (id === inTrouble ? lost() : append());
      const again = await run(between);
      expect(jobs.message(n)?.completedAt).toBeNull();
      expect(deliveriesOf(jobs, n)).toMatchObject([
        { state: "pending", code: "UNAVAILABLE" },
        { state: "sent", code: null },
        { state: "sent", code: null },
      ]);
      // not before its time
      await run();
      expect(jobs.counts(n)).toMatchObject({ pending: 1, sent: 2 });
      await run(undefined, again ?? 0);
      expect(jobs.counts(n)).toMatchObject({ pending: 0, sent: 3 });
      expect(jobs.message(n)?.completedAt).not.toBeNull();
      expect(await contents(0)).toEqual(["hello"]);
    }));

  test("is given up after a day", () =>
    onBench(1, async ({ sender, jobs, run }) => {
      const message = { type: "TEXT" as const, content: "old news" };
      const send = { sender, clientMessageId: "key", message };
      const n = jobs.add(send, Date.now() - GIVE_UP_MS);
      expect(await run(lost)).toBeNull();
      expect(deliveriesOf(jobs, n)).toMatchObject([{ state: "failed", code: "UNAVAILABLE" }]);
    }));

  test("whose conversation is closed by moderation has failed, at once", () =>
    onBench(1, async ({ sender, recipients, jobs, send, run }) => {
      send("first");
      await run();
      const [recipient] = recipients;
      const { stub } = conversationOf(
        directConversationId(sender.userId, recipient?.userId ?? sender.userId),
      );
      const staff = { userId: "root", authority: "moderation" as const };
      const lock = { type: "configure" as const, change: { locked: true } };
      valueOf(await stub.change(staff, "lock", lock));
      const n = send("second");
      expect(await run()).toBeNull();
      expect(deliveriesOf(jobs, n)).toMatchObject([{ state: "failed", code: "LOCKED" }]);
    }));
});

test("[BCT-5] a sender who is suspended sends no further message", () =>
  onBench(2, async ({ sender, jobs, send, run, contents }) => {
    const n = send("spam");
    const [suspendedBy, suspendedAt] = ["root", Date.now()];
    await new SuspensionStore(env.DB)
      .put({
        userId: sender.userId,
        until: suspendedAt + 3_600_000,
        reason: "spam",
        suspendedBy,
        suspendedAt,
      })
      .run();
    forgetSuspensions(env.DB);
    await run();
    expect(deliveriesOf(jobs, n)).toMatchObject([
      { state: "failed", code: "FORBIDDEN" },
      { state: "failed", code: "FORBIDDEN" },
    ]);
    expect(await contents(0)).toEqual([]);
  }));

test("[BCT-6] a recipient gets the messages of a list in their order, whatever goes wrong", () =>
  onBench(2, async ({ sender, recipients, jobs, send, run, contents }) => {
    const [first, second] = [send("one"), send("two")];
    const inTrouble = directConversationId(sender.userId, recipients[0]?.userId ?? sender.userId);
    const between: Append = (id, append) => (id === inTrouble ? lost() : append());
    await run(between);
    await run(between);
    expect(statesOf(jobs, first)).toEqual(["pending", "sent"]);
    expect(statesOf(jobs, second)).toEqual(["pending", "sent"]);
    expect(await contents(0)).toEqual([]);
    await run(undefined, Date.now() + LATER_MS);
    expect(await contents(0)).toEqual(["one"]);
    await run();
    expect(await contents(0)).toEqual(["one", "two"]);
    expect(await contents(1)).toEqual(["one", "two"]);
  }));

describe("a list that is changed while a message is under way", () => {
  test("[BCT-3] whose recipients change: those get the message who were on it when it was sent", async () => {
    const owner = await person();
    const [bob, carol, dan] = await accountHolders(3);
    if (bob === undefined || carol === undefined || dan === undefined) throw new Error("no people");
    const { broadcastId } = await foundList(owner, [bob, carol]);
    const sender = { userId: owner.id, name: "Owner" };
    const message = { type: "TEXT" as const, content: "to you two" };
    await runInDurableObject(env.BROADCAST.getByName(broadcastId), async (list) => {
      // one turn: no alarm comes in between
      const sent = list.send({ sender, clientMessageId: "key", message });
      const recipients = [
        { userId: carol, name: "Carol" },
        { userId: dan, name: "Dan" },
      ];
      const changed = list.change(owner.id, { recipients });
      valueOf(await sent);
      expect(valueOf(await changed).recipientIds).toEqual([carol, dan]);
    });
    const { recipients } = await completed(owner, broadcastId, 1);
    expect(recipients.map(({ userId }) => userId)).toEqual([bob, carol]);
    expect(await contentsIn(directConversationId(owner.id, dan), dan)).toBeNull();
    await post(owner, broadcastId, "to you");
    const second = await completed(owner, broadcastId, 2);
    expect(second.recipients.map(({ userId }) => userId)).toEqual([carol, dan]);
  });

  test("[BCT-7] deleted before anybody got it: nobody does", async () => {
    const owner = await person();
    const recipients: UserId[] = await accountHolders(3);
    const { broadcastId } = await foundList(owner, recipients);
    const sender = { userId: owner.id, name: "Owner" };
    const message = { type: "TEXT" as const, content: "never mind" };
    await runInDurableObject(env.BROADCAST.getByName(broadcastId), async (list, { storage }) => {
      const sent = list.send({ sender, clientMessageId: "key", message });
      const removed = list.remove(owner.id);
      valueOf(await sent);
      expect(valueOf(await removed)).toMatchObject({ unsent: 3 });
      await list.alarm();
      expect(await storage.getAlarm()).toBeNull();
    });
    for (const recipient of recipients) {
      expect(await contentsIn(directConversationId(owner.id, recipient), recipient)).toBeNull();
    }
  });

  test("[BCT-7] deleted half-way: only what was under way then still arrives", () =>
    onBench(60, async ({ jobs, send, run, contents }) => {
      send("stop");
      let appends = 0;
      await run((_id, append) => {
        if (++appends === 20) jobs.clear();
        return append();
      });
      const reached: string[][] = [];
      for (const of of range(0, 59)) reached.push(await contents(of));
      const got = reached.filter((texts) => texts.length === 1).length;
      // of eight at once, each of them may be at its first try or after its founding
      expect(got).toBeGreaterThan(0);
      expect(got).toBeLessThan(30);
      expect(jobs.counts(1)).toEqual({ pending: 0, sent: 0, blocked: 0, failed: 0 });
    }));
});

test("a message under way is shown recipient by recipient", async () => {
  const owner = await person();
  const { broadcastId } = await foundList(owner, await accountHolders(2));
  const sender = { userId: owner.id, name: "Owner" };
  const message = { type: "TEXT" as const, content: "hello" };
  await runInDurableObject(env.BROADCAST.getByName(broadcastId), async (list) => {
    const sent = list.send({ sender, clientMessageId: "key", message });
    const progress = list.progress(owner.id, 1, { after: -1, limit: 1 });
    valueOf(await sent);
    expect(valueOf(await progress)).toMatchObject({
      completedAt: null,
      counts: { pending: 2, sent: 0, blocked: 0, failed: 0 },
      deliveries: [{ state: "pending", seq: null, code: null }],
      hasMore: true,
    });
  });
  await completed(owner, broadcastId, 1);
  expect((await progressOf(owner, broadcastId, 1)).counts.sent).toBe(2);
});
