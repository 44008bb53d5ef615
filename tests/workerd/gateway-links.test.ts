import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../edge/rpc/gateway-rpc.ts";
import type { ReaderEvent } from "../../protocol/event.ts";
import { asMember } from "../support/changes.ts";
import { foundGroup, range, send, sendMany, user, valueOf } from "./support/conversations.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { PLAYED_GATEWAYS, playGateway } from "./worker.ts";

/** A Gateway in the test's hands: keeps what it is given, and answers when it is told to. */
class PlayedGateway {
  readonly name = `gateway-${crypto.randomUUID()}`;
  readonly deliveries: Delivery[] = [];
  following = true;
  failing = 0;
  underWay = 0;
  mostUnderWay = 0;
  /** While set, answers wait for it. */
  held: Promise<void> = Promise.resolve();

  constructor() {
    playGateway(this.name, async (delivery) => {
      this.underWay++;
      this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
      await this.held;
      this.underWay--;
      if (this.failing > 0) {
        this.failing--;
        throw new Error("the Gateway is not there");
      }
      this.deliveries.push(delivery);
      return { following: this.following };
    });
  }

  get seqs(): number[] {
    return this.deliveries.flatMap(({ events }) =>
      (JSON.parse(events) as ReaderEvent[]).map(({ seq }) => seq),
    );
  }

  frames(type: string): unknown[] {
    const frames = this.deliveries.flatMap(({ frames: some }) => some);
    return frames
      .map(({ text, ...target }) => ({ ...target, ...JSON.parse(text) }))
      .filter((frame) => frame.type === type);
  }

  /** Holds every answer until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.held = promise;
    return resolve;
  }
}

async function followed(members: readonly string[]) {
  const conversation = await foundGroup(members, PLAYED_GATEWAYS);
  const gateway = new PlayedGateway();
  const [first] = members;
  if (first === undefined) throw new Error("nobody follows");
  valueOf(await conversation.rpc.follow(gateway.name, user(first)));
  return { conversation, gateway };
}

describe("a Gateway that follows", () => {
  test("[GTW-1] gets every event once and in order, in few calls, never two at a time", async () => {
    const { conversation, gateway } = await followed(["ada"]);
    await sendMany(conversation, "ada", 300);
    await expect.poll(() => gateway.seqs.length).toBe(300);
    expect(gateway.seqs).toEqual(range(1, 300));
    expect(gateway.mostUnderWay).toBe(1);
    expect(gateway.deliveries.length).toBeLessThan(100);
  });

  test("[GTW-1] that is slow delays nobody, and gets what it missed from the log", async () => {
    const { conversation, gateway } = await followed(["ada"]);
    const release = gateway.hold();
    await sendMany(conversation, "ada", 1_200);
    expect(gateway.seqs).toEqual([]);
    release();
    await expect.poll(() => gateway.seqs.length).toBe(1_200);
    expect(gateway.seqs).toEqual(range(1, 1_200));
  });

  test("[GTW-1] that failed for a moment misses nothing", async () => {
    const { conversation, gateway } = await followed(["ada"]);
    gateway.failing = 2;
    for (const n of range(1, 4)) await send(conversation, "ada", `m${n}`);
    expect(gateway.failing).toBeLessThan(2);
    await expect.poll(() => gateway.seqs).toEqual([1, 2, 3, 4]);
  });

  test("[GTW-1] that stays away is let go, and one that says so too", async () => {
    const { conversation, gateway } = await followed(["ada", "bo"]);
    gateway.failing = 99;
    await send(conversation, "ada", "one");
    await expect.poll(() => gateway.failing).toBe(94);
    gateway.failing = 0;
    await send(conversation, "ada", "more");
    expect(gateway.seqs).toEqual([]);
    const other = new PlayedGateway();
    other.following = false;
    await conversation.rpc.follow(other.name, user("bo"));
    await send(conversation, "ada", "two");
    await expect.poll(() => other.seqs).toEqual([3]);
    await send(conversation, "ada", "three");
    expect(other.seqs).toEqual([3]);
  });

  test("[GTW-1] still follows after the conversation slept", async () => {
    const { conversation, gateway } = await followed(["ada"]);
    await send(conversation, "ada", "before");
    await expect.poll(() => gateway.seqs).toEqual([1]);
    await evictDurableObject(conversation.stub, { webSockets: "hibernate" });
    await send(conversation, "ada", "after");
    await expect.poll(() => gateway.seqs).toEqual([1, 2]);
  });

  test("[MEM-3] hears that its last user was removed, and then nothing more", async () => {
    const { conversation, gateway } = await followed(["ada", "bo"]);
    await conversation.rpc.follow(gateway.name, user("bo"));
    await conversation.rpc.unfollow(gateway.name, [user("ada")]);
    await conversation.rpc.change(asMember("ada"), "k", { type: "removeMember", userId: "bo" });
    await expect.poll(() => gateway.seqs).toEqual([1]);
    await send(conversation, "ada", "after");
    expect(gateway.seqs).toEqual([1]);
  });

  test("[LIV-3] [RCP-3] carries the moment too", async () => {
    const { conversation, gateway } = await followed(["ada", "bo"]);
    await send(conversation, "ada", "one");
    const bo = await MemberSocket.join(conversation.id, "bo");
    bo.send({ type: "typing", active: true }, { type: "receipt", read: 1 });
    await expect
      .poll(() => gateway.frames("typing"))
      .toMatchObject([{ userId: "bo", except: "bo" }]);
    await expect
      .poll(() => gateway.frames("receipts").at(-1))
      .toMatchObject({
        receipts: expect.arrayContaining([{ userId: "bo", delivered: 1, read: 1 }]),
      });
  });
});

test("nobody follows a conversation whose member he is not", async () => {
  const { conversation, gateway } = await followed(["ada"]);
  expect(await conversation.rpc.follow(gateway.name, user("eve"))).toMatchObject({
    ok: false,
    error: { code: "NOT_FOUND" },
  });
});
