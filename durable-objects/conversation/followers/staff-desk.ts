import { outboxEventText } from "../../../core/event-text.ts";
import { conversationAction } from "../../../core/moderation/staff-notice.ts";
import type { LogEvent } from "../../../protocol/event.ts";
import { messageIdOf, type ConversationId } from "../../../protocol/ids.ts";
import { AuditLog } from "../../../edge/moderation/audit-log.ts";
import { CaseStore } from "../../../edge/moderation/case-store.ts";
import { callWithin } from "../../../edge/calls/call.ts";
import type { ConversationState } from "../conversation-state.ts";

/** Events of one write. */
const NOTICES_AT_ONCE = 20;
const DATABASE_TIMEOUT_MS = 10_000;

/**
 * Tells the deployment's staff what concerns it: reports go on the queue, what people did to others into the audit log.
 * An event is told until the database has it. Told again, it changes nothing, by its own id. Rule MOD-4.
 */
export class StaffDesk {
  readonly #db: D1Database;
  readonly #state: ConversationState;

  constructor(db: D1Database, state: ConversationState) {
    this.#db = db;
    this.#state = state;
  }

  /** Until nothing is left. Throws when the database does not take it. */
  async run(): Promise<void> {
    const { founded, moderation } = this.#state;
    if (founded === null) return;
    const { conversationId } = founded.charter;
    for (;;) {
      const seqs = moderation.untold(NOTICES_AT_ONCE);
      if (seqs.length === 0) return;
      const statements = seqs.flatMap((seq) => this.#statementsOf(conversationId, seq));
      await callWithin(DATABASE_TIMEOUT_MS, this.#db.batch(statements));
      moderation.told(seqs);
    }
  }

  #statementsOf(conversationId: ConversationId, seq: number): D1PreparedStatement[] {
    const row = this.#state.log.row(seq);
    if (row === undefined) throw new Error("an event to tell is not in the log");
    const event = JSON.parse(outboxEventText(row, undefined)) as LogEvent; // our own log wrote it
    if (event.type === "reported") return this.#reported(conversationId, event);
    const action = conversationAction(conversationId, event);
    if (action === null) throw new Error(`an event of type ${event.type} is nothing to tell`);
    const { at, senderId: actorId } = event;
    const eventId = messageIdOf(conversationId, seq);
    return [new AuditLog(this.#db).statement({ at, actorId, ...action, eventId })];
  }

  #reported(
    conversationId: ConversationId,
    event: Extract<LogEvent, { type: "reported" }>,
  ): D1PreparedStatement[] {
    const { target, version, reason, senderId: reporterId, at } = event;
    const message = this.#state.log.message(target);
    if (message === undefined) throw new Error("a report of no message");
    // what it said when it was reported, also when it has been changed or taken away since
    const reported = this.#state.messages.versions(target).find((old) => old.version === version);
    return new CaseStore(this.#db).reported({
      messageId: messageIdOf(conversationId, target),
      conversationId,
      authorId: message.senderId,
      content: reported?.content ?? message.content,
      reporterId,
      reason,
      version,
      at,
    });
  }
}
