import {
  ParleyClient,
  type ConversationSession,
  type ParleyError,
  type ReaderEvent,
} from "../../client/index.ts";
import { CuttableSockets } from "./cuttable-sockets.ts";
import type { ParleyWorkerd } from "./parley-workerd.ts";

/** One conversation of a member, with all that was shown of it. */
export interface Seen {
  session: ConversationSession;
  seqs: number[];
  contents: string[];
  errors: string[];
}

/** Somebody on the real SDK, all of whose conversations are on one socket. */
export class SharedMember {
  readonly userId: string;
  readonly client: ParleyClient;
  readonly sockets = new CuttableSockets();
  /** How often the access token was renewed. */
  renewals = 0;
  readonly #parley: ParleyWorkerd;
  readonly #opened: ConversationSession[] = [];

  private constructor(parley: ParleyWorkerd, userId: string, firstLifeS: number) {
    this.#parley = parley;
    this.userId = userId;
    this.client = new ParleyClient({
      baseUrl: parley.url,
      webSocket: this.sockets.WebSocket,
      sockets: "shared",
      // this edge has no accounts: tokens are minted here
      fetch: async (url) => {
        const isRenewal = new URL(url).pathname === "/auth/refresh";
        if (isRenewal) this.renewals++;
        return Response.json(await this.#credentials(isRenewal ? 3_600 : firstLifeS));
      },
    });
  }

  /** `firstLifeS`: how long the first token really lives, which the SDK is not told. */
  static async signIn(
    parley: ParleyWorkerd,
    userId: string,
    firstLifeS = 3_600,
  ): Promise<SharedMember> {
    const member = new SharedMember(parley, userId, firstLifeS);
    await member.client.login({ login: userId, password: "" });
    return member;
  }

  open(conversationId: string): Seen {
    const session = this.client.conversation(conversationId);
    const seen: Seen = { session, seqs: [], contents: [], errors: [] };
    session.on("events", (events) => take(seen, events));
    session.on("error", ({ code }: ParleyError) => seen.errors.push(code));
    session.open();
    this.#opened.push(session);
    return seen;
  }

  close(): void {
    for (const session of this.#opened) session.close();
  }

  async #credentials(lifeS: number) {
    return {
      user: { userId: this.userId, matricule: this.userId, name: this.userId },
      accessToken: await this.#parley.token(this.userId, lifeS),
      refreshToken: "refresh",
      expiresIn: 3_600,
    };
  }
}

function take({ seqs, contents }: Seen, events: readonly ReaderEvent[]): void {
  for (const event of events) {
    seqs.push(event.seq);
    if (event.type === "message") contents.push(event.message.content);
  }
}
