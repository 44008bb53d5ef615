import * as v from "valibot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseUserId, directConversationId, type UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { readLog } from "../support/read-log.ts";

/** How long a thousand recipients may take on a machine that is busy and has its runtime killed meanwhile. */
const DONE_WITHIN_MS = 100_000;
const TEST_TIMEOUT_MS = 300_000;
/** Conversations that are read at once when all is over. */
const READ_AT_ONCE = 8;

const acceptedSchema = v.object({ n: v.number() });
const progressSchema = v.object({
  completedAt: v.nullable(v.string()),
  counts: v.object({
    pending: v.number(),
    sent: v.number(),
    blocked: v.number(),
    failed: v.number(),
  }),
  recipients: v.array(
    v.object({ userId: v.string(), state: v.string(), messageId: v.nullable(v.string()) }),
  ),
});

let parley: ParleyWorkerd;
beforeAll(async () => {
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());

function user(id: string): UserId {
  const parsed = parseUserId(id);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

/** What a request came to, once the runtime was up long enough to say it. */
function ask<Schema extends v.GenericSchema>(
  schema: Schema,
  { as, path, body }: { as: string; path: string; body?: object },
): Promise<v.InferOutput<Schema>> {
  return eventually(async () => {
    const { data } = await parley.rest(as, body === undefined ? "GET" : "POST", path, body);
    return v.parse(schema, data);
  });
}

function progressOf(path: string, n: number, limit: number) {
  return ask(progressSchema, { as: "owner", path: `${path}/messages/${n}?limit=${limit}` });
}

function completed(path: string, n: number) {
  return eventually(async () => {
    const progress = await progressOf(path, n, LIMITS.broadcastRecipients);
    if (progress.completedAt === null) throw new Error(JSON.stringify(progress.counts));
    return progress;
  }, DONE_WITHIN_MS);
}

test(
  "[BCT-4] kill -9 again and again while two send to 1,000 people: each gets each message once",
  { timeout: TEST_TIMEOUT_MS },
  async () => {
    const recipients = Array.from({ length: LIMITS.broadcastRecipients }, (_, n) => user(`r${n}`));
    const senders = [user("owner"), user("admin")];
    const broadcastId = crypto.randomUUID();
    const path = `/broadcasts/${broadcastId}`;
    const founding = { name: "News", recipientIds: recipients, adminIds: ["admin"], broadcastId };
    await ask(v.object({}), { as: "owner", path: "/broadcasts", body: founding });

    const postBoth = () =>
      Promise.all(
        senders.map((as) => {
          const body = { content: "hear, hear", clientMessageId: "key" };
          return ask(acceptedSchema, { as, path: `${path}/messages`, body });
        }),
      );
    // both send at once; the runtime dies under the sends, and whenever one of these has just got a message
    const posts = postBoth();
    await parley.workerd.restart();
    const ns = (await posts).map(({ n }) => n);
    expect(new Set(ns)).toEqual(new Set([1, 2]));
    const inOrder = ns[0] === 1 ? senders : senders.toReversed();
    for (const sender of inOrder) {
      for (const place of [10, 260, 510, 760]) {
        await eventually(async () => {
          const log = await readLog(
            parley,
            directConversationId(sender, user(`r${place}`)),
            sender,
          );
          if (log.length === 0) throw new Error("not yet");
        }, DONE_WITHIN_MS);
        const repeats = postBoth();
        await parley.workerd.restart();
        expect((await repeats).map(({ n }) => n)).toEqual(ns);
      }
    }

    for (const [index, sender] of senders.entries()) {
      const ids = recipients.map((userId) => directConversationId(sender, userId));
      const done = await completed(path, ns[index] ?? 0);
      expect(done.counts).toEqual({ pending: 0, sent: recipients.length, blocked: 0, failed: 0 });
      expect(done.recipients).toEqual(
        recipients.map((userId, at) => ({ userId, state: "sent", messageId: `${ids[at]}.1` })),
      );
      const left = ids.values();
      const lane = async () => {
        for (const id of left) {
          const log = await readLog(parley, id, sender);
          const said = log.map(({ senderId, message }) => [senderId, message.content]);
          expect(said, id).toEqual([[sender, "hear, hear"]]);
        }
      };
      await Promise.all(Array.from({ length: READ_AT_ONCE }, lane));
    }
  },
);
