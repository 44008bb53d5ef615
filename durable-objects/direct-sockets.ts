import { concealedEdits, oldestEdited } from "../core/event-text.ts";
import { eventFrames, socketTexts } from "../core/fan-out.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { CommittedGroup, FanOutEnd } from "./fan-out.ts";
import type { MemberStore } from "./member-store.ts";
import type { TargetedFrame } from "./rpc.ts";
import type { Session } from "./session.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** The sockets of this object as a way out: one text for each socket and group. */
export class DirectSockets implements FanOutEnd {
  readonly #sessions: SessionRegistry;
  readonly #members: Pick<MemberStore, "find">;

  constructor(sessions: SessionRegistry, members: Pick<MemberStore, "find">) {
    this.#sessions = sessions;
    this.#members = members;
  }

  /** Runs in the turn of the commit: the output gate holds every text until the write is durable. */
  group({ events, acks }: CommittedGroup): void {
    const frames = eventFrames(events, LIMITS.serverFrameBytes);
    const oldest = oldestEdited(events);
    const now = Date.now();
    for (const session of this.#sessions) {
      if (session.isExpired(now)) {
        this.#sessions.close(session, CLOSE_CODES.tokenExpired, "the token has expired");
        continue;
      }
      const own = acks.get(session) ?? NOTHING;
      const news =
        session.state === "live" ? (this.#own(session, events, oldest) ?? frames) : NOTHING;
      const texts = socketTexts(own, news, LIMITS.serverFrameBytes);
      if (texts.length > 0) this.#sessions.send(session, texts);
    }
  }

  /** Frames of their own for who may not read a message that was edited; null for everybody else. */
  #own({ userId }: Session, events: readonly string[], oldest: number): string[] | null {
    if (oldest === Infinity) return null;
    const historyFrom = this.#members.find(userId)?.historyFrom ?? 0;
    if (historyFrom < oldest) return null;
    return eventFrames(concealedEdits(events, historyFrom), LIMITS.serverFrameBytes);
  }

  frame({ text, except, only }: TargetedFrame): void {
    const sessions: Iterable<Session> =
      only === undefined ? this.#sessions : this.#sessions.ofUser(only);
    const now = Date.now();
    for (const session of sessions) {
      if (session.state !== "live" || session.userId === except || session.isExpired(now)) continue;
      this.#sessions.send(session, [text]);
    }
  }
}

const NOTHING: readonly string[] = [];
