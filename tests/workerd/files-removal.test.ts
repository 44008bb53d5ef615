import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { filePrefix, originalKey } from "../../core/files/file-record.ts";
import { parseFileId } from "../../protocol/file-id.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { sweepOrphans } from "../../worker/files/orphan-sweep.ts";
import { openFileStore } from "../../edge/files/open-file-store.ts";
import { asMember } from "../support/changes.ts";
import { api, problem, refusalOf } from "./support/api.ts";
import { user, valueOf, type TestConversation } from "./support/conversations.ts";
import { get, openRoom, presign, put, storedFile, type Room } from "./support/files.ts";
import { picture } from "./support/pictures.ts";
import { adminToken } from "./support/tokens.ts";

const GRACE_MS = LIMITS.fileGraceSeconds * 1_000;
const UPLOAD_MS = LIMITS.uploadSeconds * 1_000;

async function objectsOf(fileId: string): Promise<number> {
  const page = await env.FILES?.list({ prefix: filePrefix(valueOf(parseFileId(fileId))) });
  return page?.objects.length ?? -1;
}

/** Lets time pass for what is due in the conversation, and the alarm ring. */
async function pass({ stub }: TestConversation, ms: number): Promise<void> {
  await runInDurableObject(stub, (_object, { storage }) => {
    storage.sql.exec("UPDATE file SET due_at = due_at - ? WHERE due_at IS NOT NULL", ms);
    storage.sql.exec("UPDATE due SET at = at - ?", ms);
  });
  // a fresh object reads its due times from storage
  await evictDurableObject(stub, { webSockets: "hibernate" });
  await runDurableObjectAlarm(stub);
}

async function send(room: Room, key: string, attachments: string[]): Promise<number> {
  const message = { type: "FILE" as const, content: "", attachments };
  const sends = [{ clientMessageId: key, message }] as const;
  const alice = asMember(room.userIds.alice);
  const [placed] = valueOf(await room.conversation.rpc.append(alice, { sends }));
  if (placed === undefined) throw new Error("one send has one place");
  return placed.seq;
}

async function erase(room: Room, seq: number): Promise<void> {
  const change = { type: "delete" as const, target: seq };
  const alice = asMember(room.userIds.alice);
  valueOf(await room.conversation.rpc.change(alice, `delete-${seq}`, change));
}

async function statusOf(room: Room, fileId: string): Promise<number> {
  const response = await get(`/files/${fileId}`, { token: room.bob });
  await response.text();
  return response.status;
}

describe("[FIL-9] deleting a file", () => {
  test("nobody reads it at once; its bytes and thumbnails go after the grace period", async () => {
    const room = await openRoom();
    const bytes = picture("photo-1.jpg");
    const { fileId } = await storedFile(room, { bytes, name: "p.jpg", type: "image/jpeg" });
    const answer = await api("DELETE", `/files/${fileId}`, { token: room.alice });
    expect(answer.data).toEqual({
      fileId,
      conversationId: room.conversation.id,
      status: "DELETED",
      deletedAt: expect.any(String),
    });
    expect(await statusOf(room, fileId)).toBe(404);
    await pass(room.conversation, GRACE_MS - 60_000);
    expect(await objectsOf(fileId)).toBe(2);
    await pass(room.conversation, 61_000);
    expect(await objectsOf(fileId)).toBe(0);
    // its number is spent
    const next = await storedFile(room, { bytes: "x" });
    expect(next.fileId).not.toBe(fileId);
    expect((await api("DELETE", `/files/${fileId}`, { token: room.alice })).status).toBe(404);
  });

  test("is for the uploader and for moderators", async () => {
    const room = await openRoom();
    const { fileId } = await storedFile(room, { bytes: "alice's" });
    const answer = await api("DELETE", `/files/${fileId}`, { token: room.bob });
    expect(refusalOf(answer)).toEqual(problem(403, "FORBIDDEN"));
    expect(await statusOf(room, fileId)).toBe(200);
    const change = {
      type: "setRole" as const,
      userId: room.userIds.bob,
      role: "moderator" as const,
    };
    valueOf(await room.conversation.rpc.change(asMember(room.userIds.alice), "promote", change));
    expect((await api("DELETE", `/files/${fileId}`, { token: room.bob })).status).toBe(200);
  });

  test("gives its bytes back to the quota once they are gone", async () => {
    const room = await openRoom();
    const used = () =>
      runInDurableObject(env.INBOX.getByName(room.userIds.alice), (_inbox, { storage }) =>
        storage.sql.exec("SELECT coalesce(sum(bytes), 0) AS n FROM file_usage").one(),
      );
    const { fileId } = await storedFile(room, { bytes: "12345" });
    expect(await used()).toEqual({ n: 5 });
    await api("DELETE", `/files/${fileId}`, { token: room.alice });
    expect(await used()).toEqual({ n: 5 });
    await pass(room.conversation, GRACE_MS + 1_000);
    expect(await used()).toEqual({ n: 0 });
  });

  test("keeps the bytes as long as a message names it", async () => {
    const room = await openRoom();
    const { fileId } = await storedFile(room, { bytes: "x" });
    const seq = await send(room, "k1", [fileId]);
    await api("DELETE", `/files/${fileId}`, { token: room.alice });
    await pass(room.conversation, GRACE_MS + 1_000);
    expect(await objectsOf(fileId)).toBe(1);
    expect(await statusOf(room, fileId)).toBe(404);
    await erase(room, seq);
    await pass(room.conversation, GRACE_MS + 1_000);
    expect(await objectsOf(fileId)).toBe(0);
  });
});

describe("[FIL-9] erasing a message", () => {
  test("erases its file when no other message names it", async () => {
    const room = await openRoom();
    const [mine, shared] = [
      await storedFile(room, { bytes: "mine" }),
      await storedFile(room, { bytes: "shared" }),
    ];
    const first = await send(room, "k1", [mine.fileId, shared.fileId, "https://example.org/x"]);
    const second = await send(room, "k2", [shared.fileId]);
    await erase(room, first);
    expect(await statusOf(room, mine.fileId)).toBe(404);
    expect(await statusOf(room, shared.fileId)).toBe(200);
    await pass(room.conversation, GRACE_MS + 1_000);
    expect(await objectsOf(mine.fileId)).toBe(0);
    expect(await objectsOf(shared.fileId)).toBe(1);
    await erase(room, second);
    expect(await statusOf(room, shared.fileId)).toBe(404);
  });

  test("[CHG-7] so does erasing all that somebody has written, also where several messages name a file", async () => {
    const room = await openRoom();
    const { fileId } = await storedFile(room, { bytes: "mine" });
    await send(room, "k1", [fileId]);
    await send(room, "k2", [fileId]);
    const staff = { userId: "root", authority: "moderation" } as const;
    const erased = await room.conversation.rpc.erase(staff, user(room.userIds.alice));
    expect(valueOf(erased)).toEqual({ erased: 2, done: true });
    expect(await statusOf(room, fileId)).toBe(404);
    await pass(room.conversation, GRACE_MS + 1_000);
    expect(await objectsOf(fileId)).toBe(0);
  });

  test("leaves files of other conversations alone", async () => {
    const [room, other] = [await openRoom(), await openRoom()];
    const { fileId } = await storedFile(other, { bytes: "theirs" });
    await erase(room, await send(room, "k1", [fileId]));
    expect(await statusOf(other, fileId)).toBe(200);
  });

  test("a send that comes again counts once", async () => {
    const room = await openRoom();
    const { fileId } = await storedFile(room, { bytes: "x" });
    const seq = await send(room, "k1", [fileId]);
    expect(await send(room, "k1", [fileId])).toBe(seq);
    await erase(room, seq);
    expect(await statusOf(room, fileId)).toBe(404);
  });
});

test("[FIL-9] an upload that nobody finishes is forgotten, with its parts and its quota", async () => {
  const room = await openRoom();
  const plan = await presign(room, { size: 5 });
  await put(plan.url ?? "", "hello");
  await pass(room.conversation, UPLOAD_MS + 1_000);
  const answer = await api("POST", `/files/${plan.fileId}/complete`, { token: room.alice });
  expect(refusalOf(answer)).toEqual(problem(404, "NOT_FOUND"));
  expect((await put(plan.url ?? "", "hello")).status).toBe(404);
  const usage = await runInDurableObject(
    env.INBOX.getByName(room.userIds.alice),
    (_inbox, { storage }) => storage.sql.exec("SELECT * FROM file_usage").toArray(),
  );
  expect(usage).toEqual([]);
});

describe("the sweep", () => {
  const store = () => {
    const opened = openFileStore(env);
    if (opened === null) throw new Error("there is a store");
    return opened;
  };
  const later = () => Date.now() + UPLOAD_MS + 60_000;

  async function sweepAll(isDryRun: boolean, now: number) {
    const orphans: string[] = [];
    const foreign: string[] = [];
    let cursor: string | null = null;
    do {
      const report = await sweepOrphans(env, store(), { cursor, isDryRun, now });
      orphans.push(...report.orphans.map(({ key }) => key));
      foreign.push(...report.foreign);
      cursor = report.cursor;
    } while (cursor !== null);
    return { orphans, foreign };
  }

  test("finds what no conversation knows, deletes that, and nothing else", async () => {
    const room = await openRoom();
    const { fileId } = await storedFile(room, { bytes: "known" });
    const known = originalKey(valueOf(parseFileId(fileId)));
    const unknown = originalKey({ conversationId: room.conversation.id, n: 99 });
    const staged = `staging/${crypto.randomUUID()}`;
    for (const key of [unknown, staged, "f/foreign"])
      await store().put(key, new Uint8Array(3), "x/y");

    // too young to be judged: an upload may be on its way
    expect((await sweepAll(true, Date.now())).orphans).toEqual([]);
    const dry = await sweepAll(true, later());
    expect(dry.orphans).toEqual(expect.arrayContaining([unknown, staged]));
    expect(dry.orphans).not.toContain(known);
    expect(dry.foreign).toContain("f/foreign");
    expect(await store().head(unknown)).not.toBeNull();

    await sweepAll(false, later());
    expect(await store().head(unknown)).toBeNull();
    expect(await store().head(staged)).toBeNull();
    expect(await store().head("f/foreign")).not.toBeNull();
    expect(await statusOf(room, fileId)).toBe(200);
    expect((await sweepAll(false, later())).orphans).toEqual([]);
  });

  test("reports, to administrators only", async () => {
    const { alice } = await openRoom();
    const refused = await api("POST", "/files/sweep?dryRun=true", { token: alice });
    expect(refusalOf(refused)).toEqual(problem(403, "FORBIDDEN"));
    const token = await adminToken();
    const report = await api("POST", "/files/sweep?dryRun=true", { token });
    expect(report.data).toMatchObject({ orphans: [], orphanBytes: 0, deleted: false });
    expect(report.data["scanned"]).toEqual(expect.any(Number));
  });
});
