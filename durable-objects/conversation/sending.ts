import type { Actor, Change, OtherChange } from "../../core/changes/change.ts";
import { NO_SUCH_CONVERSATION } from "../../core/changes/write-rules.ts";
import type { Effect } from "../../core/conversation.ts";
import { ackText, eventText, messageBodyText, type LogRow } from "../../core/event-text.ts";
import { fullGroup } from "../../core/fan-out.ts";
import type { KeyedChange, PendingAppend, Placed } from "../../core/sequencer.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import type { MessageBody } from "../../protocol/message.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { ConversationState } from "./conversation-state.ts";
import { errorFrameText } from "../error-frame.ts";
import type { FanOutEnd } from "./fan-out.ts";
import { GroupCommit } from "../group-commit.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { Append, Appended, Send, SendRequest } from "../../edge/rpc/conversation-rpc.ts";
import type { TargetedFrame } from "../../edge/rpc/gateway-rpc.ts";
import type { Session } from "../session.ts";
import type { SessionRegistry } from "./session-registry.ts";

type Outcome = Result<Placed[], Refusal>;

/** An append and who waits for its place in the log: a session for its acks, or a caller. */
interface QueuedAppend extends PendingAppend {
  origin: Session | ((outcome: Outcome) => void);
}

/** What a frame says beside its changes. */
interface ChangeTerms {
  ifLastSeq?: number | undefined;
  traceparent?: string | undefined;
}

/** What a commit has changed, for those who look after it. */
export interface Committed {
  rows: readonly LogRow[];
  effects: readonly Effect[];
}

/** From a change to its fan-out: gather, one transaction, one text per socket. */
export class Sending {
  readonly #state: ConversationState;
  readonly #sessions: SessionRegistry;
  readonly #ends: readonly FanOutEnd[];
  readonly #committed: (committed: Committed) => void;
  readonly #groups: GroupCommit<QueuedAppend>;

  constructor(
    state: ConversationState,
    sessions: SessionRegistry,
    ends: readonly FanOutEnd[],
    committed: (committed: Committed) => void,
  ) {
    this.#state = state;
    this.#sessions = sessions;
    this.#ends = ends;
    this.#committed = committed;
    this.#groups = new GroupCommit(
      () => fullGroup(sessions.size),
      (group) => this.#commit(group),
    );
  }

  /** A change over a socket; its acks or its error come with the group. */
  enqueue(
    session: Session,
    changes: readonly [KeyedChange, ...KeyedChange[]],
    { ifLastSeq, traceparent }: ChangeTerms,
  ): Promise<void> | undefined {
    const actor: Actor = { userId: session.userId, authority: "member", traceparent };
    return this.#groups.add({ actor, changes, ifLastSeq, origin: session });
  }

  /** Messages from outside a socket. */
  async append(actor: Actor, request: SendRequest): Promise<Outcome> {
    return this.#call(pendingSend(actor, request));
  }

  /** The same of many senders: they stay together as those of one text do, and each has its outcome. */
  async appendAll(appends: readonly Append[]): Promise<Outcome[]> {
    return this.#callAll(appends.map(({ actor, request }) => pendingSend(actor, request)));
  }

  /** Any other change from outside a socket. */
  async change(
    actor: Actor,
    clientMessageId: string,
    change: OtherChange,
  ): Promise<Result<Appended, Refusal>> {
    const placed = await this.#call({ actor, changes: otherChange(clientMessageId, change) });
    if (!placed.ok) return placed;
    const [only] = placed.value;
    if (only === undefined) throw new Error("one change has one place");
    return ok(only);
  }

  endOfText(): void {
    this.#groups.endOfText();
  }

  /** Commits what is queued, for something that has to come after it. */
  settle(): void {
    this.#groups.settle();
  }

  /** A frame that is no event, to whom it concerns. */
  tell(frame: TargetedFrame): void {
    for (const end of this.#ends) end.frame(frame);
  }

  async #call(append: PendingAppend): Promise<Outcome> {
    const [only] = await this.#callAll([append]);
    if (only === undefined) throw new Error("one change has one outcome");
    return only;
  }

  async #callAll(appends: readonly PendingAppend[]): Promise<Outcome[]> {
    if (this.#state.founded === null) return appends.map(() => fail(NO_SUCH_CONVERSATION));
    const outcomes: Promise<Outcome>[] = [];
    let gathering: Promise<void> | undefined;
    for (const append of appends) {
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      outcomes.push(promise);
      const started = this.#groups.add({ ...append, origin: resolve });
      gathering ??= started;
    }
    this.#groups.endOfText();
    await gathering;
    return Promise.all(outcomes);
  }

  #commit(group: QueuedAppend[]): void {
    try {
      const { rows, outcomes, effects } = this.#state.append(group, Date.now());
      const acks = new Map<Session, string[]>();
      for (const [index, append] of group.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) continue; // appendGroup gives one outcome for each append
        if (typeof append.origin === "function") append.origin(outcome);
        else this.#answer(append.origin, append.changes, outcome, acks);
      }
      this.#fanOut(rows, acks);
      if (rows.length > 0) this.#committed({ rows, effects });
    } catch (error) {
      logEvent("commit_failed", { appends: group.length, error: errorText(error) });
      this.#refuse(group);
    }
  }

  #answer(
    session: Session,
    changes: PendingAppend["changes"],
    outcome: Outcome,
    acks: Map<Session, string[]>,
  ): void {
    for (const [index, { clientMessageId }] of changes.entries()) {
      const placed = outcome.ok ? outcome.value[index] : undefined;
      if (placed !== undefined) {
        pushTo(acks, session, ackText(clientMessageId, placed.seq, placed.at));
      } else if (!outcome.ok) {
        pushTo(acks, session, errorFrameText({ ...outcome.error, clientMessageId }));
      }
    }
  }

  #fanOut(rows: readonly LogRow[], acks: ReadonlyMap<Session, readonly string[]>): void {
    const group = { events: rows.map(eventText), firstSeq: rows[0]?.seq ?? 0, acks };
    for (const end of this.#ends) end.group(group);
  }

  #refuse(group: readonly QueuedAppend[]): void {
    const failed = refusal("INTERNAL", "the change could not be stored; send it again");
    for (const { origin, changes } of group) {
      if (typeof origin === "function") {
        origin(fail(failed));
        continue;
      }
      const errors = changes.map(({ clientMessageId }) =>
        errorFrameText({ ...failed, clientMessageId }),
      );
      this.#sessions.send(origin, errors);
    }
  }
}

/** Messages of one request as the sequencer takes them. */
function pendingSend(
  actor: Actor,
  { sends: [first, ...others], ifLastSeq }: SendRequest,
): PendingAppend {
  return { actor, changes: [keyedSend(first), ...others.map(keyedSend)], ifLastSeq };
}

function keyedSend({ clientMessageId, message }: Send): KeyedChange {
  return messageChange(clientMessageId, message);
}

/** A message as the sequencer takes it. */
export function messageChange(clientMessageId: string, message: MessageBody): KeyedChange {
  const { mentions } = message;
  const change: Change = {
    type: "message",
    body: messageBodyText(message),
    mentions: mentions === undefined || mentions.length === 0 ? null : JSON.stringify(mentions),
  };
  return { clientMessageId, change };
}

export function otherChange(clientMessageId: string, change: OtherChange): [KeyedChange] {
  return [{ clientMessageId, change }];
}

function pushTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
