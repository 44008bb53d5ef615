import { describe, expect, test } from "vitest";
import { GatheredSends } from "../../durable-objects/gateway/gathered-sends.ts";
import type { Append, Appended } from "../../edge/rpc/conversation-rpc.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { foundGroup, range, user, valueOf } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { freshUser } from "./support/people.ts";
import { parseConversationId } from "../../protocol/ids.ts";

const id = valueOf(parseConversationId("team"));

function append(n: number): Append {
  const message = { type: "TEXT" as const, content: "x" };
  return {
    actor: { userId: user(`u${n % 3}`), authority: "member" },
    request: { sends: [{ clientMessageId: `k${n}`, message }] },
  };
}

/** The conversation in the test's hands: every tenth message is refused, the others get the number in their key. */
class PlayedCalls {
  readonly calls: string[][] = [];
  failing = 0;

  async appendAll(appends: readonly Append[]): Promise<Result<Appended[], Refusal>[]> {
    this.calls.push(appends.map(({ request }) => request.sends[0].clientMessageId));
    await scheduler.wait(0);
    if (this.failing-- > 0) throw new Error("the conversation is not there");
    return appends.map(({ request }) => {
      const seq = Number(request.sends[0].clientMessageId.slice(1));
      return seq % 10 === 9
        ? fail(refusal("FORBIDDEN", `no ${seq}`))
        : ok([{ seq, at: 0, repeated: false }]);
    });
  }
}

function gathered(): { played: PlayedCalls; sends: GatheredSends } {
  const played = new PlayedCalls();
  const sends = new GatheredSends((_id, appends) => played.appendAll(appends));
  return { played, sends };
}

describe("sends of one Gateway", () => {
  test("[GTW-3] that come alone leave alone", async () => {
    const { played, sends } = gathered();
    for (const n of range(0, 3)) await sends.append(id, append(n));
    expect(played.calls).toEqual([["k0"], ["k1"], ["k2"], ["k3"]]);
  });

  test("[GTW-3] that keep company share calls, in order, each with an outcome of its own", async () => {
    const { played, sends } = gathered();
    const numbers = range(0, 199);
    const outcomes = await Promise.all(numbers.map((n) => sends.append(id, append(n))));
    expect(played.calls.flat()).toEqual(numbers.map((n) => `k${n}`));
    expect(played.calls.length).toBeLessThan(8);
    expect(Math.max(...played.calls.map(({ length }) => length))).toBeLessThanOrEqual(120);
    expect(outcomes).toEqual(
      numbers.map((n) =>
        n % 10 === 9
          ? fail(refusal("FORBIDDEN", `no ${n}`))
          : ok([{ seq: n, at: 0, repeated: false }]),
      ),
    );
  });

  test("[GTW-3] of a call that failed fail, and no others", async () => {
    const { played, sends } = gathered();
    played.failing = 1;
    const outcomes = await Promise.allSettled(range(0, 69).map((n) => sends.append(id, append(n))));
    const lost = played.calls[0]?.length ?? 0;
    expect(lost).toBeGreaterThan(0);
    expect(outcomes.map(({ status }) => status)).toEqual(
      range(0, 69).map((n) => (n < lost ? "rejected" : "fulfilled")),
    );
  });
});

test("[GTW-3] each of many who write at once gets the answer to his own, in his own order", async () => {
  const place = new EdgePlace();
  const names = range(1, 4).map(() => freshUser());
  const conversation = await foundGroup(names);
  const clients = await Promise.all(names.map((name) => place.connect(name)));
  const conversationId = conversation.id;
  for (const [who, client] of clients.entries()) {
    for (const n of range(0, 19)) {
      const payload = { conversationId, content: `${who}-${n}`, clientMessageId: `k${n}` };
      // one in the middle is refused, and takes no other with it
      const condition = n === 10 ? { ifLastSeq: 9_999 } : {};
      client.send(`42${n}${JSON.stringify(["sendMessage", { ...payload, ...condition }])}`);
    }
  }
  for (const client of clients) {
    const answers = new Map<number, { success: boolean; seq?: number; code?: string }>();
    while (answers.size < 20) {
      const [, ackId, json] = /^43(\d+)\[(.*)\]$/.exec(String(await client.next())) ?? [];
      if (json !== undefined) answers.set(Number(ackId), JSON.parse(json));
    }
    expect(answers.get(10)).toMatchObject({ success: false, code: "CONFLICT" });
    const seqs = range(0, 19).flatMap((n) => answers.get(n)?.seq ?? []);
    expect(seqs).toHaveLength(19);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  }
  const page = valueOf(await conversation.rpc.history(user(names[0] ?? ""), { limit: 200 }));
  expect(page.head).toBe(76);
});
