import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import {
  foundGroup,
  range,
  send,
  sendMany,
  user,
  valueOf,
  viewOf,
} from "./support/conversations.ts";
import { MemberSocket } from "./support/member-socket.ts";

const MEMBERS = range(1, 10).map((n) => `member-${n}`);

async function joinAll(conversationId: string, members: readonly string[]) {
  const sockets = [];
  for (const member of members) {
    sockets.push(await MemberSocket.join(conversationId, member));
  }
  return sockets;
}

describe("receipts", () => {
  test("[RCP-3] cost at most 0.3 rows a message with ten members who all read along", async () => {
    const conversation = await foundGroup(MEMBERS, "alone-");
    const sockets = await joinAll(conversation.id, MEMBERS);
    const before = await conversation.rpc.usage();
    const [bursts, size] = [20, 20];
    for (const burst of range(1, bursts)) {
      const head = burst * size;
      await sendMany(conversation, "member-1", size, `m-${burst}-`);
      for (const socket of sockets) {
        let seen = 0;
        while (seen < head) seen = (await socket.next("events")).events.at(-1)?.seq ?? seen;
        socket.send({ type: "receipt", read: head });
      }
    }
    const last = bursts * size;
    await expect
      .poll(async () => valueOf(await conversation.rpc.status(user("member-1"), last)).status)
      .toBe("READ");
    const rows = (await conversation.rpc.usage()).rowsWritten - before.rowsWritten;
    expect(rows / last).toBeGreaterThanOrEqual(2);
    expect(rows / last).toBeLessThanOrEqual(2.3);
  });

  test("[RCP-2] [RCP-3] what others are told only ever grows, and ends where everybody is", async () => {
    const conversation = await foundGroup(["ada", "bo", "cy"]);
    const [ada, bo, cy] = await joinAll(conversation.id, ["ada", "bo", "cy"]);
    if (ada === undefined || bo === undefined || cy === undefined)
      throw new Error("somebody is missing");
    for (const n of range(1, 5)) await send(conversation, "ada", `m${n}`);
    for (const read of [3, 1, 5, 2]) bo.send({ type: "receipt", read });
    for (const delivered of [4, 2, 99]) cy.send({ type: "receipt", delivered });
    const told = (userId: string) =>
      ada
        .framesOf("receipts")
        .flatMap(({ receipts }) => receipts.filter((each) => each.userId === userId));
    await expect.poll(() => told("bo").at(-1)).toEqual({ userId: "bo", delivered: 5, read: 5 });
    await expect.poll(() => told("cy").at(-1)).toEqual({ userId: "cy", delivered: 5, read: 0 });
    for (const userId of ["bo", "cy"]) {
      const reads = told(userId).map(({ read, delivered }) => read + delivered);
      expect(reads).toEqual(reads.toSorted((one, other) => one - other));
    }
  });

  test("[RCP-5] in a large conversation the author hears counts, and nobody hears names of others", async () => {
    const members = range(1, LIMITS.smallConversation + 1).map((n) => `m${n}`);
    const conversation = await foundGroup(members);
    const [author, reader] = await joinAll(conversation.id, ["m1", "m2"]);
    if (author === undefined || reader === undefined) throw new Error("somebody is missing");
    await send(conversation, "m1", "first");
    reader.send({ type: "receipt", read: 1 });
    const counted = () => author.framesOf("receiptCounts").at(-1)?.counts;
    await expect.poll(counted).toEqual([{ seq: 1, delivered: 1, read: 1 }]);
    const named = author.framesOf("receipts").flatMap(({ receipts }) => receipts);
    expect(named.every(({ userId }) => userId === "m1")).toBe(true);
    expect(reader.framesOf("receiptCounts")).toEqual([]);
    expect(reader.framesOf("receipts").at(-1)?.receipts).toEqual([
      { userId: "m2", delivered: 1, read: 1 },
    ]);
  });

  test("[RCP-3] an answered receipt outlives the object, whatever ends it", async () => {
    const conversation = await foundGroup(["ada", "bo"]);
    await send(conversation, "ada", "one");
    await send(conversation, "bo", "two");
    await conversation.rpc.receive(user("ada"), "all", "now");
    await evictDurableObject(conversation.stub, { webSockets: "close" });
    expect((await viewOf(conversation, "ada")).me).toMatchObject({ read: 2, unread: 0 });
    expect((await viewOf(conversation, "bo")).me).toMatchObject({ read: 2, unread: 0 });
  });

  test("[HEL-5] [RCP-1] a receipt in hello counts: it may have been lost with the last socket", async () => {
    const conversation = await foundGroup(["ada", "bo"]);
    await send(conversation, "ada", "one");
    const bo = await MemberSocket.open(conversation.id, "bo");
    const welcome = await bo.hello({ receipt: { read: 1 } });
    expect(welcome.me).toMatchObject({ read: 1, delivered: 1, unread: 0 });
  });
});
