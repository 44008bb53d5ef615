import fc from "fast-check";
import { expect, test } from "vitest";
import { ArchiveLog, deed, visit, visits } from "../../tests/support/archive-log.ts";
import { batchOf, foundedEvent, messageEvent } from "../../tests/support/archive-events.ts";
import { MemoryArchive } from "../../tests/support/memory-archive.ts";
import type { MembershipEvent } from "../../protocol/event.ts";
import type { Member } from "../../protocol/member.ts";
import type { OutboxEvent } from "../../protocol/outbox-frames.ts";

const at = messageEvent(9).at;
const base = { at, senderId: "alice", target: 1 };
const replaced = { version: 1, content: "message 1", at: messageEvent(1).at };

function archived(...events: OutboxEvent[]) {
  const archive = new MemoryArchive();
  archive.write(batchOf("a", [foundedEvent(), messageEvent(1, { metadata: { n: 1 } }), ...events]));
  return { message: archive.messages.get("a.1"), conversation: archive.conversations.get("a") };
}

test("an edit is the new content, and keeps the old one", () => {
  const edited = { ...base, seq: 2, type: "edited" as const, version: 2, content: "new", replaced };
  expect(archived(edited).message).toMatchObject({
    content: "new",
    text_content: "new",
    version: 2,
    editedAt: new Date(at),
    history: [{ version: 1, content: "message 1", at: new Date(replaced.at) }],
    appliedSeq: 2,
  });
});

test("a deletion leaves a tombstone with its place, its sender and its earlier versions", () => {
  const deleted = { ...base, seq: 2, type: "deleted" as const, replaced };
  expect(archived(deleted).message).toMatchObject({
    senderId: "alice",
    seq: 1,
    content: "",
    text_content: "",
    metadata: null,
    deletedAt: new Date(at),
    history: [{ version: 1, content: "message 1" }],
  });
});

test("[CHG-7] an erasure leaves a tombstone of each message that it names", () => {
  const erased = { seq: 2, at, senderId: "mo", type: "erased" as const, userId: "alice" };
  expect(archived({ ...erased, targets: [1] }).message).toMatchObject({
    senderId: "alice",
    content: "",
    metadata: null,
    deletedAt: new Date(at),
    history: [],
    appliedSeq: 2,
  });
  expect(archived({ ...erased, targets: [7] }).message).toMatchObject({ content: "message 1" });
});

test("[MOD-2] reports and judgements say in both systems' words whether a message is spam", () => {
  const archive = new MemoryArchive();
  const reported = {
    ...base,
    seq: 2,
    senderId: "bob",
    type: "reported" as const,
    version: 1,
    reason: "an advert",
    reports: 1,
    isSpam: true,
  };
  archive.write(batchOf("a", [foundedEvent(), messageEvent(1), reported]));
  expect(archive.messages.get("a.1")).toMatchObject({ isSpam: true, is_spam: true });
  expect(archive.reports.get("a.2")).toMatchObject({
    _id: "a.2",
    conversationId: "a",
    messageId: "a.1",
    targetSeq: 1,
    reporterId: "bob",
    reason: "an advert",
    reports: 1,
    message_id: "a.1",
    reporter_id: "bob",
    is_spam: true,
  });
  archive.write(batchOf("a", [{ ...base, seq: 3, type: "judged", isSpam: false }]));
  expect(archive.messages.get("a.1")).toMatchObject({ isSpam: false, is_spam: false });
  expect(archive.reports.size).toBe(1);
});

test("a reaction is one person's one emoji, until it is taken back", () => {
  const put = { ...base, seq: 2, type: "reaction" as const, emoji: "👍", active: true };
  expect(archived(put, { ...put, seq: 3, senderId: "bob" }).message?.reactions).toEqual([
    { emoji: "👍", userId: "alice" },
    { emoji: "👍", userId: "bob" },
  ]);
  expect(archived(put, { ...put, seq: 3, active: false }).message?.reactions).toEqual([]);
});

test("a deleted file is marked in the messages that name it, and its URL is gone where it was the one shown", () => {
  const files = { attachments: ["a.f1", "a.f2"] };
  const gone = (seq: number, fileId: string) => ({
    seq,
    at,
    senderId: "alice",
    type: "fileDeleted" as const,
    fileId,
    targets: [1],
  });
  const archive = new MemoryArchive();
  archive.write(batchOf("a", [foundedEvent(), messageEvent(1, files), gone(2, "a.f2")]));
  expect(archive.messages.get("a.1")).toMatchObject({
    ...files,
    deletedAttachments: ["a.f2"],
    attachment_url: "/files/a.f1",
  });
  archive.write(batchOf("a", [gone(3, "a.f1")]));
  expect(archive.messages.get("a.1")).toMatchObject({
    ...files,
    deletedAttachments: ["a.f2", "a.f1"],
    attachment_url: null,
    appliedSeq: 3,
  });
});

test("members come, go, change and are kept out, and settings change one by one", () => {
  const member = (userId: string, role: "member" | "admin" = "member") => ({
    userId,
    name: userId,
    role,
  });
  const step = (
    seq: number,
    action: MembershipEvent["action"],
    changed: Member = member("bob"),
  ): MembershipEvent => {
    const members = [changed];
    return { seq, at, senderId: "alice", type: "membership", action, members, until: at + 1 };
  };
  const settings = { seq: 5, at, senderId: "alice", type: "settings" } as const;
  const { conversation } = archived(
    step(2, "added"),
    step(3, "role", member("bob", "admin")),
    step(4, "muted"),
    { ...settings, settings: { name: "Crew", slowModeS: 5 } },
    step(6, "banned", member("carol")),
  );
  expect(conversation).toMatchObject({
    name: "Crew",
    settings: { slowModeS: 5, join: "invite" },
    members: [{ userId: "alice" }, { ...member("bob", "admin"), mutedUntil: new Date(at + 1) }],
    banned: ["carol"],
    appliedSeq: 6,
  });
  expect(archived(step(2, "added"), step(3, "left")).conversation?.members).toHaveLength(1);
});

test("a dismissed group keeps its messages, and has no members", () => {
  const { message, conversation } = archived({
    seq: 2,
    at,
    senderId: "alice",
    type: "dismissed",
    memberCount: 1,
  });
  expect(conversation).toMatchObject({
    members: [],
    dismissedAt: new Date(at),
    name: "Team",
    appliedSeq: 2,
  });
  expect(message).toMatchObject({ content: "message 1" });
  expect(archived().conversation).toMatchObject({ dismissedAt: null });
});

test("[ARC-1] whatever part of the log is replayed, and however late it was read, the archive ends up the same", () => {
  let changed = 0;
  fc.assert(
    fc.property(
      fc.array(deed, { minLength: 5, maxLength: 40 }),
      fc.array(visit, { maxLength: 6 }),
      (deeds, made) => {
        const log = new ArchiveLog("a", deeds);
        const [direct, torn] = [new MemoryArchive(), new MemoryArchive()];
        for (let seq = 0; seq <= log.head; seq++) direct.write(log.read(seq, seq, seq));
        for (const batch of visits(log, made)) torn.write(batch);
        expect(torn).toEqual(direct);
        for (const { version, reactions, isSpam } of direct.messages.values())
          if (version > 1 || reactions.length > 0 || isSpam) changed++;
        torn.write(log.read(0, Math.floor(log.head / 2), log.head));
        expect(torn).toEqual(direct);
      },
    ),
  );
  expect(changed).toBeGreaterThan(50);
});
