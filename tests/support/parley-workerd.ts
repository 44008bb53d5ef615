import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import { Workerd } from "./workerd.ts";

const ISSUER = "parley";
const KEY_ID = "test";
const TOKEN_LIFE_S = 3_600;

export interface RestAnswer {
  status: number;
  /** Null for 204. */
  body: unknown;
  /** The body's own `data`, where it has one. */
  data: unknown;
}

/** The whole edge on plain workerd, without the accounts database: tokens are minted here, names are user ids. */
export class ParleyWorkerd {
  readonly workerd: Workerd;
  readonly bridgeSecret: string;
  readonly #key: CryptoKey;

  private constructor(workerd: Workerd, key: CryptoKey, bridgeSecret: string) {
    this.workerd = workerd;
    this.bridgeSecret = bridgeSecret;
    this.#key = key;
  }

  static async start(
    options: { bridge?: boolean; text?: Record<string, string>; entry?: string } = {},
  ): Promise<ParleyWorkerd> {
    const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: KEY_ID, alg: "EdDSA", use: "sig" };
    const bridgeSecret = crypto.randomUUID();
    const workerd = await Workerd.start({
      entry: options.entry ?? "worker/index.ts",
      objects: {
        CONVERSATION: "Conversation",
        INBOX: "Inbox",
        OUTBOX: "Outbox",
        GATEWAY: "Gateway",
        BROADCAST: "Broadcast",
      },
      text: {
        OUTBOX_SHARDS: "4",
        AUTH_ISSUER: ISSUER,
        AUTH_AUDIENCE: ISSUER,
        ACCESS_TOKEN_TTL_S: String(TOKEN_LIFE_S),
        CORS_ORIGINS: "",
        // a load that is measured is not held to the pace of people; tests of floods say otherwise
        SESSION_BURST: "1000000000",
        FILE_URL_SECRET: crypto.randomUUID(),
        AUTH_SIGNING_KEYS: JSON.stringify({ keys: [jwk] }),
        ...(options.bridge === false ? {} : { BRIDGE_SECRET: bridgeSecret }),
        ...options.text,
      },
    });
    return new ParleyWorkerd(workerd, privateKey, bridgeSecret);
  }

  get url(): string {
    return this.workerd.url;
  }

  async token(userId: string, lifeS = TOKEN_LIFE_S): Promise<string> {
    return new SignJWT({ name: userId, role: "user" })
      .setProtectedHeader({ alg: "EdDSA", kid: KEY_ID })
      .setSubject(userId)
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setIssuedAt()
      .setJti(crypto.randomUUID())
      .setExpirationTime(`${lifeS}s`)
      .sign(this.#key);
  }

  /** A new group of these users, founded by the first. */
  async group(userIds: readonly string[]): Promise<string> {
    const [founder, ...participantIds] = userIds;
    if (founder === undefined) throw new Error("a group has a founder");
    const groupId = `g${crypto.randomUUID().replaceAll("-", "")}`;
    const founding = { name: "group", participantIds, groupId };
    const { status } = await this.rest(founder, "POST", "/conversations/group", founding);
    if (status !== 201) throw new Error(`founding answered ${status}`);
    return groupId;
  }

  /** What a user's request came to. A runtime that dies under it, or an answer that is no JSON, throws. */
  async rest(
    userId: string,
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<RestAnswer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token(userId)}`,
        "content-type": "application/json",
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const parsed: unknown = answer.status === 204 ? null : await answer.json();
    const { data }: { data?: unknown } = Object(parsed);
    return { status: answer.status, body: parsed, data };
  }

  async stop(): Promise<void> {
    await this.workerd.stop();
  }
}
