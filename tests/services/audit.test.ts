import { randomUUID } from "node:crypto";
import path from "node:path";
import { MongoClient, type Collection } from "mongodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Archived } from "../../bridge/mongo/mongo-upserts.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { Participant } from "../support/participant.ts";
import { bridgeCommand, differencesOf } from "./bridge-command.ts";
import { bridgeEnv, mongoUri } from "./endpoints.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { CACHE } from "./servers/cache.ts";

const MESSAGES = 620;
const database = `audit_${randomUUID()}`;

let parley: ParleyWorkerd;
let mongo: MongoClient;
let messages: Collection<Archived>;
let env: Record<string, string>;

beforeAll(async () => {
  parley = await ParleyWorkerd.start();
  mongo = await new MongoClient(mongoUri()).connect();
  messages = mongo.db(database).collection<Archived>("messages");
  env = {
    ...bridgeEnv(parley, database),
    KAFKA_BROKERS: "",
  };
});
afterAll(async () => {
  await mongo.db(database).dropDatabase();
  await mongo.close();
  await parley.stop();
});

/** A conversation of messages, edits, reactions and a deletion, over more than one page. */
async function livelyConversation(): Promise<string> {
  const id = await parley.group(["ada", "bob"]);
  const ada = new Participant(parley, id, "ada");
  const keys = Array.from({ length: MESSAGES }, (_, n) => `k${n}`);
  await Promise.all(keys.map((key) => ada.send(`message ${key}`, key)));
  const { session } = ada;
  await session.edit(1, "edited once");
  await session.edit(1, "edited twice");
  await session.react(2, "👍");
  await session.react(3, "👍");
  await session.react(3, "👍", false);
  await session.remove(4);
  ada.close();
  return id;
}

test("[AUD-3] verify finds what is missing or differs, backfill mends it, and conversations no bridge heard of are found", async () => {
  const lively = await livelyConversation();
  const other = await parley.group(["ada", "bob"]);
  // no bridge has run yet: all is missing, from the founding on
  const before = await bridgeCommand(env, "verify", "--wait", "0");
  expect(differencesOf(before)).toEqual(new Map([lively, other].map((id) => [id, [0, "missing"]])));
  expect(before.exitCode).toBe(1);

  const bridge = await KillableBridge.spawn(env, path.join(CACHE, "logs/audit-bridge.log"));
  const archived = await bridgeCommand(env, "verify", "all", "--wait", "60");
  expect(differencesOf(archived)).toEqual(new Map());
  expect(archived).toMatchObject({ exitCode: 0 });
  expect(archived.lines.at(-1)).toMatchObject({ event: "verify.done", conversations: 2 });
  await bridge.end();

  // somebody loses two messages and a conversation, and writes where he should not
  await messages.deleteMany({ _id: { $in: [`${lively}.600`, `${lively}.570`] } });
  await mongo.db(database).collection<Archived>("conversations").deleteOne({ _id: other });
  const lost = await bridgeCommand(env, "verify");
  expect(differencesOf(lost)).toEqual(
    new Map<string, [unknown, unknown]>([
      [lively, [570, "missing"]],
      [other, [0, "missing"]],
    ]),
  );

  const one = await bridgeCommand(env, "backfill", lively, "--from", "570");
  expect(one).toMatchObject({ exitCode: 0 });
  expect(differencesOf(await bridgeCommand(env, "verify", lively))).toEqual(new Map());
  expect((await bridgeCommand(env, "backfill", "all", "--from", "0")).exitCode).toBe(0);
  expect(differencesOf(await bridgeCommand(env, "verify"))).toEqual(new Map());

  await messages.updateOne({ _id: `${lively}.2` }, { $set: { content: "forged" } });
  await messages.insertOne({ _id: `${other}.1`, conversationId: other, seq: 1 });
  const forged = await bridgeCommand(env, "verify");
  expect(differencesOf(forged)).toEqual(
    new Map<string, [unknown, unknown]>([
      [lively, [2, "differs: content"]],
      [other, [1, "not in the log"]],
    ]),
  );
  expect(forged.exitCode).toBe(1);
});

test("commands end with a reason when they cannot be done", async () => {
  const unknown = await bridgeCommand(env, "verify", "nobody-here");
  expect(unknown).toMatchObject({
    exitCode: 1,
    lines: [{ event: "verify.failed", reason: "the edge knows no such conversation" }],
  });
  const none = await bridgeCommand({ ...env, MONGODB_URI: "" }, "verify");
  expect(none).toMatchObject({ exitCode: 1, lines: [{ event: "verify.failed" }] });
});
