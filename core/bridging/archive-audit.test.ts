import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogEntry } from "../../protocol/log-page.ts";
import { parseConversationId, type ConversationId } from "../../protocol/ids.ts";
import { ArchiveLog, deed, visit, visits } from "../../tests/support/archive-log.ts";
import { MemoryArchive } from "../../tests/support/memory-archive.ts";
import { ConversationAudit, type Difference, type FoundDocument } from "./archive-audit.ts";

function idOf(text: string): ConversationId {
  const id = parseConversationId(text);
  if (!id.ok) throw new Error(id.error.message);
  return id.value;
}

const ID = idOf("team");
const PAGE = 7;

/** Documents as a store gives them back, moments as epoch ms. */
function found(document: object): Record<string, unknown> {
  const text = JSON.stringify(document, (_key, value: unknown) => value);
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === "string" && /^\d{4}-.*Z$/.test(value) ? Date.parse(value) : value,
  ) as Record<string, unknown>; // an object went in
}

/** The log's entries as the edge tells them: what stands beside an event is counted over the whole log. */
function entriesOf(log: ArchiveLog): LogEntry[] {
  const { events } = log.read(0, log.head, log.head);
  const deleted = new Set(
    events.flatMap((event) => {
      if (event.type === "erased") return event.targets;
      return event.type === "deleted" ? [event.target] : [];
    }),
  );
  const standing = new Map<string, boolean>();
  const versions = new Map<number, number>();
  for (const event of events) {
    if (event.type === "reaction")
      standing.set(`${event.target} ${event.emoji} ${event.senderId}`, event.active);
    if ((event.type === "edited" || event.type === "deleted") && event.replaced !== undefined)
      versions.set(event.target, (versions.get(event.target) ?? 0) + 1);
  }
  return events.map((event) => {
    if (event.type === "reaction") {
      const stands = standing.get(`${event.target} ${event.emoji} ${event.senderId}`) === true;
      return { event, stands: stands && !deleted.has(event.target) };
    }
    if (event.type !== "message") return { event };
    const reactions = [...standing].filter(
      ([key, active]) => active && key.startsWith(`${event.seq} `) && !deleted.has(event.seq),
    );
    return { event, versions: versions.get(event.seq) ?? 0, reactions: reactions.length };
  });
}

interface Documents {
  messages: Map<string, FoundDocument>;
  conversation: FoundDocument | null;
}

function documentsOf(archive: MemoryArchive): Documents {
  const conversation = archive.conversations.get(ID);
  return {
    messages: new Map([...archive.messages].map(([id, document]) => [id, found(document)])),
    conversation: conversation === undefined ? null : found(conversation),
  };
}

function audit(entries: readonly LogEntry[], documents: Documents): Difference | null {
  const auditor = new ConversationAudit(ID);
  for (let from = 0; from < entries.length; from += PAGE) {
    const page = entries.slice(from, from + PAGE);
    const ids = new Set(auditor.documentIds(page));
    const messages = new Map([...documents.messages].filter(([id]) => ids.has(id)));
    const difference = auditor.firstDifference(page, { ...documents, messages });
    if (difference !== null) return difference;
    auditor.passed(page);
  }
  return auditor.lastDifference(documents);
}

const logs = fc
  .array(deed, { minLength: 20, maxLength: 60 })
  .map((deeds) => new ArchiveLog(ID, [{ type: "say" }, ...deeds]));

function archiveOf(log: ArchiveLog): MemoryArchive {
  const archive = new MemoryArchive();
  archive.write(log.read(0, log.head, log.head));
  return archive;
}

test("[AUD-3] an archive that bridges have made over any replays is what the log says", () => {
  fc.assert(
    fc.property(logs, fc.array(visit, { maxLength: 4 }), (log, made) => {
      const archive = new MemoryArchive();
      for (const batch of visits(log, made)) archive.write(batch);
      expect(audit(entriesOf(log), documentsOf(archive))).toBeNull();
    }),
  );
});

test("[AUD-3] a message that is not there is named, and so is the first of several", () => {
  fc.assert(
    fc.property(logs, fc.nat(), fc.nat(), (log, one, other) => {
      const documents = documentsOf(archiveOf(log));
      const ids = [...documents.messages.keys()];
      const gone = [one, other].map((pick) => ids[pick % ids.length] ?? "");
      for (const id of gone) documents.messages.delete(id);
      const seqs = gone.map((id) => Number(id.split(".").at(-1)));
      expect(audit(entriesOf(log), documents)).toEqual({
        seq: Math.min(...seqs),
        problem: "missing",
      });
    }),
  );
});

test("[AUD-3] an archive that ends before the log is missing what comes after", () => {
  fc.assert(
    fc.property(logs, fc.nat(), (log, pick) => {
      const end = pick % log.head;
      const archive = new MemoryArchive();
      archive.write(log.read(0, end, end));
      const difference = audit(entriesOf(log), documentsOf(archive));
      expect(difference).not.toBeNull();
      // what was said before may stand otherwise since, which shows at the message itself
      const isEarlier = (difference?.seq ?? 0) <= end;
      expect(isEarlier ? difference?.problem.startsWith("differs") : difference?.seq).toBe(
        isEarlier ? true : end + 1,
      );
    }),
  );
});

test.each([
  ["content", { content: "forged" }, "differs: content"],
  ["version", { version: 9 }, "differs: version"],
  ["history", { history: [{ version: 1, content: "never said", at: 1 }] }, "differs: history"],
  ["reactions", { reactions: [{ emoji: "👎", userId: "eve" }] }, "differs: reactions"],
  ["a field that is gone", { senderId: undefined }, "differs: senderId"],
])("[AUD-3] a message whose %s was changed by somebody else is named", (_name, change, problem) => {
  const log = new ArchiveLog(ID, [{ type: "say" }, { type: "say" }, { type: "say" }]);
  const documents = documentsOf(archiveOf(log));
  const id = `${ID}.2`;
  documents.messages.set(id, { ...documents.messages.get(id), ...change });
  expect(audit(entriesOf(log), documents)).toEqual({ seq: 2, problem });
});

test("[AUD-3] a message in a place where the log has none is named", () => {
  const log = new ArchiveLog(ID, [{ type: "say" }, { type: "rename", name: "Crew" }]);
  const documents = documentsOf(archiveOf(log));
  documents.messages.set(`${ID}.2`, { ...documents.messages.get(`${ID}.1`), seq: 2 });
  const auditor = new ConversationAudit(ID);
  expect(auditor.firstDifference(entriesOf(log), documents)).toEqual({
    seq: 2,
    problem: "not in the log",
  });
});

test("[AUD-3] a conversation whose members were changed by somebody else is named at its last change", () => {
  const log = new ArchiveLog(ID, [
    { type: "say" },
    { type: "member", userId: "bob", action: "added" },
    { type: "say" },
  ]);
  const documents = documentsOf(archiveOf(log));
  documents.conversation = { ...documents.conversation, members: [] };
  expect(audit(entriesOf(log), documents)).toEqual({ seq: 2, problem: "differs: members" });
});
