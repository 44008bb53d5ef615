import * as v from "valibot";
import { parseUserId, type ConversationId } from "../protocol/ids.ts";
import { callWithin } from "./call.ts";
import type { ObjectEnv } from "./env.ts";
import { errorText, logEvent } from "./log.ts";

const GATEWAYS = "gateways";
const CALL_TIMEOUT_MS = 2_000;
/** Gateways of one user; the one that came first goes first, which a user with more devices will not notice. */
const MAX_GATEWAYS = 16;

/** Where the user is connected: Gateways that are told of a new conversation, so that its first message arrives. */
export class InboxConnections {
  readonly #ctx: DurableObjectState;
  readonly #gateways: ObjectEnv["GATEWAY"];

  constructor(ctx: DurableObjectState, gateways: ObjectEnv["GATEWAY"]) {
    this.#ctx = ctx;
    this.#gateways = gateways;
  }

  add(gateway: string): void {
    const names = this.#names();
    if (!names.includes(gateway)) this.#put([...names, gateway].slice(-MAX_GATEWAYS));
  }

  remove(gateway: string): void {
    const names = this.#names();
    if (names.includes(gateway)) this.#put(names.filter((name) => name !== gateway));
  }

  /** Resolves when every Gateway follows, or did not answer in time: nobody's joining waits for a slow one. */
  async joined(conversationId: ConversationId): Promise<void> {
    const user = parseUserId(this.#ctx.id.name);
    if (!user.ok || this.#gateways === undefined) return;
    const gateways = this.#gateways;
    await Promise.all(
      this.#names().map(async (name) => {
        try {
          const call = gateways.getByName(name).joined(user.value, conversationId);
          await callWithin(CALL_TIMEOUT_MS, call);
        } catch (error) {
          logEvent("gateway_not_told", { conversationId, error: errorText(error) });
        }
      }),
    );
  }

  #names(): string[] {
    return v.parse(v.optional(v.array(v.string()), []), this.#ctx.storage.kv.get(GATEWAYS));
  }

  #put(names: string[]): void {
    this.#ctx.storage.kv.put(GATEWAYS, names);
  }
}
