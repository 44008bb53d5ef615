import { afterAll, beforeAll, expect, test } from "vitest";
import { runChaos } from "../chaos/run-chaos.ts";
import { Participant } from "../support/participant.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { readLog } from "../support/read-log.ts";

let parley: ParleyWorkerd;
beforeAll(async () => {
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());

/** The place that a message got, by REST. */
async function postSame(conversationId: string): Promise<unknown> {
  const same = { conversationId, content: "same", clientMessageId: "same" };
  const { data } = await parley.rest("alice", "POST", "/messages", same);
  const { seq, createdAt }: { seq?: unknown; createdAt?: unknown } = Object(data);
  return { seq, createdAt };
}

test("[ORD-3] the same key 100 times before and after kill -9 of the runtime: one row, the same ack", async () => {
  const conversationId = await parley.group(["alice"]);
  const alice = new Participant(parley, conversationId, "alice");
  await alice.send("before", "other");
  const first = await alice.session.send({ content: "same" }, { clientMessageId: "same" });
  const hundred = async () => {
    const posted = Array.from({ length: 100 }, () => postSame(conversationId));
    const sent: unknown[] = [];
    for (let n = 0; n < 100; n++) {
      sent.push(await alice.session.send({ content: `${n}` }, { clientMessageId: "same" }));
    }
    return { posted: await Promise.all(posted), sent };
  };
  const place = { seq: first.seq, createdAt: new Date(first.at).toISOString() };
  const always = {
    posted: Array.from({ length: 100 }, () => place),
    sent: Array.from({ length: 100 }, () => first),
  };
  expect(first.seq).toBe(2);
  expect(await hundred()).toEqual(always);
  await parley.workerd.restart();
  alice.session.wake();
  expect(await hundred()).toEqual(always);
  const log = await readLog(parley, conversationId, "alice");
  expect(log.map(({ clientMessageId }) => clientMessageId)).toEqual(["other", "same"]);
  alice.close();
});

test("[ORD-2] [ORD-3] kill -9 under load, again and again: nothing acked is lost, nothing is there twice", async () => {
  const { faults, acked, delivered, ...harm } = await runChaos({
    seconds: 6,
    writers: 4,
    window: 4,
    said: () => undefined,
  });
  expect(harm).toEqual({ lost: 0, duplicated: 0, reordered: 0 });
  expect(faults.kills).toBeGreaterThan(0);
  expect(faults.cuts).toBeGreaterThan(0);
  expect(acked).toBeGreaterThan(0);
  expect(delivered).toBe(acked * 4);
});
