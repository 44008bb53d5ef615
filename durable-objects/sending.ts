import { ackText, eventText, messageBodyText } from "../core/event-text.ts";
import { eventFrames, fullGroup, socketTexts } from "../core/fan-out.ts";
import type { PendingSend } from "../core/sequencer.ts";
import type { SendFrame } from "../protocol/client-frames.ts";
import { refusal, type Refusal } from "../protocol/error-codes.ts";
import type { UserId } from "../protocol/ids.ts";
import { LIMITS } from "../protocol/limits.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { ConversationState } from "./conversation-state.ts";
import { errorFrameText } from "./error-frame.ts";
import { GroupCommit } from "./group-commit.ts";
import { errorText, logEvent } from "./log.ts";
import type { Appended, Send } from "./rpc.ts";
import type { Session } from "./session.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** A queued send and who waits for its place in the log: a session for its ack, or a caller. */
interface QueuedSend extends PendingSend {
  origin: Session | ((outcome: Result<Appended, Refusal>) => void);
}

/** From send to fan-out: gather, one transaction, one text per socket. */
export class Sending {
  readonly #state: ConversationState;
  readonly #sessions: SessionRegistry;
  readonly #committed: () => void;
  readonly #groups: GroupCommit<QueuedSend>;

  constructor(state: ConversationState, sessions: SessionRegistry, committed: () => void) {
    this.#state = state;
    this.#sessions = sessions;
    this.#committed = committed;
    this.#groups = new GroupCommit(
      () => fullGroup(sessions.size),
      (group) => this.#commit(group),
    );
  }

  /** A send over a socket; its ack or error comes with the group. */
  enqueue(session: Session, frame: SendFrame): Promise<void> | undefined {
    return this.#groups.add({ ...pendingSend(session.userId, frame), origin: session });
  }

  /** A send from outside a socket. */
  async call(senderId: UserId, send: Send): Promise<Result<Appended, Refusal>> {
    const { promise, resolve } = Promise.withResolvers<Result<Appended, Refusal>>();
    await this.#groups.add({ ...pendingSend(senderId, send), origin: resolve });
    return promise;
  }

  #commit(group: QueuedSend[]): void {
    try {
      const { rows, outcomes } = this.#state.append(group, Date.now());
      const acks = new Map<Session, string[]>();
      for (const [index, { origin, clientMessageId }] of group.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) continue; // appendGroup gives one outcome for each send
        if (typeof origin === "function") origin(ok(outcome));
        else pushTo(acks, origin, ackText(clientMessageId, outcome.seq, outcome.at));
      }
      if (rows.length > 0) this.#committed();
      this.#fanOut(eventFrames(rows.map(eventText), LIMITS.serverFrameBytes), acks);
    } catch (error) {
      logEvent("commit_failed", { sends: group.length, error: errorText(error) });
      this.#refuse(group);
    }
  }

  /** Runs in the turn of the commit: the output gate holds every text until the write is durable. */
  #fanOut(frames: readonly string[], acks: ReadonlyMap<Session, readonly string[]>): void {
    for (const session of this.#sessions) {
      const own = acks.get(session) ?? [];
      const texts = socketTexts(own, session.state === "live" ? frames : []);
      if (texts.length > 0) this.#sessions.send(session, texts);
    }
  }

  #refuse(group: readonly QueuedSend[]): void {
    const failed = refusal("INTERNAL", "the message could not be stored; send it again");
    for (const { origin, clientMessageId } of group) {
      if (typeof origin === "function") origin(fail(failed));
      else this.#sessions.send(origin, [errorFrameText({ ...failed, clientMessageId })]);
    }
  }
}

function pendingSend(senderId: string, send: Send): PendingSend {
  const { clientMessageId, message } = send;
  return { senderId, clientMessageId, body: messageBodyText(message) };
}

function pushTo<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
