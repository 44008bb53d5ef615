import type { LiveFrame } from "../../core/chat/live-frame.ts";
import { isShown, type ReaderEvent } from "../../protocol/event.ts";
import { accountsIn } from "../../edge/auth/accounts.ts";
import type { Config } from "../../edge/config.ts";
import type { Env } from "../../edge/env.ts";
import { callWithin } from "../../edge/calls/call.ts";
import { errorText, logEvent } from "../../edge/log.ts";

/** People whose matricule is kept in memory. */
const KEPT = 10_000;
/** How long a message may wait for its sender's. */
const FOUND_WITHIN_MS = 1_000;

/** Matricules by user id: of those who are connected here by their token, of others by their account. */
export class PeopleBook {
  readonly #env: Env;
  readonly #config: () => Config;
  readonly #matricules = new Map<string, string | null>();

  constructor(env: Env, config: () => Config) {
    this.#env = env;
    this.#config = config;
  }

  remember(userId: string, matricule: string | null): void {
    this.#matricules.set(userId, matricule);
    const [oldest] = this.#matricules.keys();
    if (this.#matricules.size > KEPT && oldest !== undefined) this.#matricules.delete(oldest);
  }

  /** Null for somebody who has none, or whom nobody has looked up. */
  matriculeOf(userId: string): string | null {
    return this.#matricules.get(userId) ?? null;
  }

  /** Looks up those who are not known yet. Never fails, nor takes long: a message without a matricule is better than none. */
  async know(userIds: readonly string[]): Promise<void> {
    const unknown = [...new Set(userIds)].filter((userId) => !this.#matricules.has(userId));
    if (unknown.length === 0) return;
    const accounts = accountsIn(this.#env, this.#config());
    if (accounts === null) return;
    try {
      const found = await callWithin(FOUND_WITHIN_MS, accounts.store.findAll(unknown));
      const matricules = new Map(
        found.map((account) => [account.userId as string, account.matricule]),
      );
      for (const userId of unknown) {
        // whoever has connected meanwhile is known by his token
        if (!this.#matricules.has(userId)) this.remember(userId, matricules.get(userId) ?? null);
      }
    } catch (error) {
      logEvent("matricules_unknown", { error: errorText(error) });
    }
  }
}

/** Whom a client is shown with his matricule. */
export function peopleIn(
  events: Iterable<ReaderEvent>,
  frames: Iterable<LiveFrame> = [],
): string[] {
  const people: string[] = [];
  for (const event of events) if (isShown(event)) people.push(event.senderId);
  for (const frame of frames) {
    if (frame.type === "typing" || frame.type === "presence") people.push(frame.userId);
  }
  return people;
}
