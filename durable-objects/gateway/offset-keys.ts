import { createHmac } from "node:crypto";
import { KEY_BYTES } from "../../core/chat/recovery-offset.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { toBase64Url } from "../../edge/auth/base64-url.ts";

/**
 * How conversations are named in offsets. Founders choose the ids of groups, so a name that anybody could compute would
 * let one be founded under the name of another; a Gateway that has slept would take the one for the other.
 */
export class OffsetKeys {
  readonly #secret: () => string;

  /** `secret` is the same in all Gateways of a deployment: a client goes on from its offset in any of them. */
  constructor(secret: () => string) {
    this.#secret = secret;
  }

  of(conversationId: ConversationId): string {
    // a domain of its own, since the secret also signs something else
    const hmac = createHmac("sha256", `conversations in offsets\n${this.#secret()}`);
    return toBase64Url(hmac.update(conversationId).digest().subarray(0, KEY_BYTES));
  }
}
