import { timingSafeEqual } from "node:crypto";
import type { SessionId } from "../../core/engine-io/session-id.ts";
import { toBase64Url } from "../../edge/auth/base64-url.ts";

const RANDOM_BYTES = 15;
const MAC_BYTES = 16;

/** Makes and checks session ids; only this deployment's workers can. */
export class SessionMac {
  readonly #key: Promise<CryptoKey>;

  constructor(secret: string) {
    // a domain of its own, since the secret may also sign something else
    const bytes = new TextEncoder().encode(`Engine.IO session ids\n${secret}`);
    const hmac = { name: "HMAC", hash: "SHA-256" };
    this.#key = crypto.subtle.importKey("raw", bytes, hmac, false, ["sign"]);
  }

  /** The id of a new session in this gateway. */
  async mint(gateway: string): Promise<string> {
    const random = toBase64Url(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
    const signed = `${gateway}.${random}`;
    return `${signed}.${await this.#mac(signed)}`;
  }

  async isGenuine({ signed, mac }: SessionId): Promise<boolean> {
    const encoder = new TextEncoder();
    return timingSafeEqual(encoder.encode(mac), encoder.encode(await this.#mac(signed)));
  }

  async #mac(signed: string): Promise<string> {
    const mac = await crypto.subtle.sign("HMAC", await this.#key, new TextEncoder().encode(signed));
    return toBase64Url(new Uint8Array(mac, 0, MAC_BYTES));
  }
}
