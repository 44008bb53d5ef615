import { eventFrames, socketTexts } from "../../core/fan-out.ts";
import { BySight, sightsOf, textSince, type Sight, type Sights } from "../../core/sight.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { CommittedGroup, FanOutEnd } from "./fan-out.ts";
import type { MemberStore } from "./stores/member-store.ts";
import type { TargetedFrame } from "../../edge/rpc/gateway-rpc.ts";
import type { Session } from "../session.ts";
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
  group({ events, firstSeq, acks }: CommittedGroup): void {
    const frames = eventFrames(events, LIMITS.serverFrameBytes);
    const sights = sightsOf(events);
    const ofSight = new BySight(({ historyFrom, until }) => {
      const seen = events.slice(0, until - firstSeq + 1);
      const texts = seen.map((event) => textSince(event, historyFrom));
      return eventFrames(texts, LIMITS.serverFrameBytes);
    });
    const now = Date.now();
    for (const session of this.#sessions) {
      if (session.isExpired(now)) {
        this.#sessions.close(session, CLOSE_CODES.tokenExpired, "the token has expired");
        continue;
      }
      const sight = this.#sightOf(session, sights);
      const own = acks.get(session) ?? NOTHING;
      const seen = sight === null ? frames : ofSight.of(sight);
      const news = session.state === "live" ? seen : NOTHING;
      const texts = socketTexts(own, news, LIMITS.serverFrameBytes);
      if (texts.length > 0) this.#sessions.send(session, texts);
    }
  }

  #sightOf({ userId }: Session, sights: Sights | null): Sight | null {
    if (sights === null) return null;
    // of whoever the group puts out it is not known any more where his history began: he is told of nothing older
    const historyFrom = this.#members.find(userId)?.historyFrom ?? Infinity;
    return sights.of({ userId, historyFrom, memberAt: 0 });
  }

  frame({ text, except, only, hiddenFrom }: TargetedFrame): void {
    const sessions: Iterable<Session> =
      only === undefined ? this.#sessions : this.#sessions.ofUser(only);
    const hidden = new Set(hiddenFrom);
    const now = Date.now();
    for (const session of sessions) {
      if (session.state !== "live" || session.userId === except || session.isExpired(now)) continue;
      if (hidden.has(session.userId)) continue;
      this.#sessions.send(session, [text]);
    }
  }
}

const NOTHING: readonly string[] = [];
