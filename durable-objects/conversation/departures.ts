import type { Effect } from "../../core/conversation.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import type { GatewayLinks } from "./followers/gateway-links.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** Whoever may not be here any more: their sockets have seen why, and close. Rule MEM-1. */
export class Departures {
  readonly #sessions: SessionRegistry;
  readonly #gateways: GatewayLinks;

  constructor(sessions: SessionRegistry, gateways: GatewayLinks) {
    this.#sessions = sessions;
    this.#gateways = gateways;
  }

  /** Those whom these changes put out. */
  of(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === "dropMember") this.#one(effect.userId, "not a member any more");
      if (effect.type === "dismiss") this.#everybody("the group was dismissed");
    }
  }

  suspended(userId: string): void {
    this.#one(userId, "this account is suspended");
  }

  #one(userId: string, reason: string): void {
    for (const session of this.#sessions.ofUser(userId)) {
      this.#sessions.close(session, CLOSE_CODES.forbidden, reason);
    }
    this.#gateways.forgetUser(userId);
  }

  #everybody(reason: string): void {
    const users = new Set([...this.#sessions.users(), ...this.#gateways.users()]);
    for (const userId of users) this.#one(userId, reason);
  }
}
