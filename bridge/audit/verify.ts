import { ConversationAudit, UNKNOWN, type Difference } from "../../core/bridging/archive-audit.ts";
import { messageIdOf, parseConversationId, type ConversationId } from "../../protocol/ids.ts";
import type { LogPage } from "../../protocol/log-page.ts";
import type { ArchiveReader } from "../mongo/archive-reader.ts";
import { everyConversation, type Chosen, type CommandPorts } from "./every-conversation.ts";

export interface VerifyOptions extends CommandPorts {
  archive: Pick<ArchiveReader, "page" | "archivedSeq" | "messageAfter" | "refusal">;
  chosen: Chosen;
  /** Resolves after a moment, true; or at once and false when no more waiting is wanted. */
  waitForBridge: () => Promise<boolean>;
  differs: (conversationId: string, difference: Difference) => void;
}

/** Reads of one page until chat that goes on beside it has to be quiet for the length of two reads. */
const PAGE_READS = 20;

/**
 * Compares logs with the archive, while chat and bridge go on: what is still on its way to the archive is waited for,
 * what changes between the two reads is read again.
 */
export async function verify(options: VerifyOptions): Promise<void> {
  const { patience, chosen, progress, differs } = options;
  await everyConversation(options, chosen, async (conversationId) => {
    const id = parseConversationId(conversationId);
    if (!id.ok) throw new Error(id.error.message);
    const difference = await new Comparison(options, id.value).run();
    if (patience.isOver) return;
    progress.conversation();
    if (difference !== null) differs(conversationId, difference);
  });
}

class Comparison {
  readonly #options: VerifyOptions;
  readonly #id: ConversationId;
  readonly #audit: ConversationAudit;
  #cursor = -1;

  constructor(options: VerifyOptions, id: ConversationId) {
    this.#options = options;
    this.#id = id;
    this.#audit = new ConversationAudit(id);
  }

  /** Null as well when it was interrupted. */
  async run(): Promise<Difference | null> {
    const { patience, progress, waitForBridge } = this.#options;
    for (let reads = 1; !patience.isOver; reads++) {
      const page = await patience.run("read the log", () => this.#page());
      const { difference, isArchived, isNewer } = await patience.run("read the archive", () =>
        this.#compare(page),
      );
      if (difference === null) {
        progress.events(this.#id, page.entries.length);
        this.#audit.passed(page.entries);
        this.#cursor += page.entries.length;
        if (page.entries.length === 0) return null;
        reads = 0;
        continue;
      }
      const isDue = isArchived ? isNewer && reads < PAGE_READS : await waitForBridge();
      if (!isDue) return this.#explained(difference);
    }
    return null;
  }

  #page(): Promise<LogPage> {
    return this.#options.edge.logPage(this.#id, this.#cursor);
  }

  async #compare(page: LogPage): Promise<{
    difference: Difference | null;
    /** The bridge had brought everything of the page before the archive was read. */
    isArchived: boolean;
    /** Something that was found is newer than the page. */
    isNewer: boolean;
  }> {
    const { archive } = this.#options;
    const { entries, head } = page;
    const isArchived = (await archive.archivedSeq(this.#id)) >= head;
    const range = [this.#cursor + 1, this.#cursor + entries.length] as const;
    const found = await archive.page(this.#id, range, this.#audit.documentIds(entries));
    const documents = [...found.messages.values(), found.conversation];
    const isNewer = documents.some((document) => Number(document?.["appliedSeq"] ?? 0) > head);
    if (entries.length > 0)
      return { difference: this.#audit.firstDifference(entries, found), isArchived, isNewer };
    const beyond = await archive.messageAfter(this.#id, this.#cursor);
    const difference =
      this.#audit.lastDifference(found) ??
      (beyond === null ? null : { seq: beyond, problem: UNKNOWN });
    return { difference, isArchived, isNewer: isNewer || (beyond ?? 0) > head };
  }

  async #explained({ seq, problem }: Difference): Promise<Difference> {
    const { archive, patience } = this.#options;
    const reason = await patience.run("read the archive", () =>
      archive.refusal(messageIdOf(this.#id, seq)),
    );
    return { seq, problem: reason === null ? problem : `${problem}; refused for good: ${reason}` };
  }
}
