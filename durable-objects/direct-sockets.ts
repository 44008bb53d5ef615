import { eventFrames, socketTexts } from "../core/fan-out.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { LIMITS } from "../protocol/limits.ts";
import type { CommittedGroup, FanOutEnd } from "./fan-out.ts";
import type { TargetedFrame } from "./rpc.ts";
import type { Session } from "./session.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** The sockets of this object as a way out: one text for each socket and group. */
export class DirectSockets implements FanOutEnd {
  readonly #sessions: SessionRegistry;

  constructor(sessions: SessionRegistry) {
    this.#sessions = sessions;
  }

  /** Runs in the turn of the commit: the output gate holds every text until the write is durable. */
  group({ events, acks }: CommittedGroup): void {
    const frames = eventFrames(events, LIMITS.serverFrameBytes);
    const now = Date.now();
    for (const session of this.#sessions) {
      if (session.isExpired(now)) {
        this.#sessions.close(session, CLOSE_CODES.tokenExpired, "the token has expired");
        continue;
      }
      const own = acks.get(session) ?? NOTHING;
      const news = session.state === "live" ? frames : NOTHING;
      const texts = socketTexts(own, news, LIMITS.serverFrameBytes);
      if (texts.length > 0) this.#sessions.send(session, texts);
    }
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
