import * as v from "valibot";
import type { SignedInRequests } from "./signed-in-requests.ts";

const reportedSchema = v.object({ isSpam: v.boolean(), reports: v.number() });

/** How a reported message stands; `repeated`: this user had reported it before, which counts once. */
export interface Reported extends v.InferOutput<typeof reportedSchema> {
  repeated: boolean;
}

const blocksSchema = v.object({ blocks: v.array(v.object({ userId: v.string() })) });

/** What somebody can do against others who bother them. Every method throws a `ParleyError`. */
export class SafetyClient {
  readonly #requests: SignedInRequests;

  constructor(requests: SignedInRequests) {
    this.#requests = requests;
  }

  /** Shows somebody else's message to the staff of the deployment; nobody in the conversation learns who did. Rule MOD-1. */
  async report(conversationId: string, seq: number, reason?: string): Promise<Reported> {
    const messageId = encodeURIComponent(`${conversationId}.${seq}`);
    const body = reason === undefined ? {} : { reason };
    const { status, data } = await this.#requests.answer(
      { method: "POST", path: `/messages/${messageId}/reports`, body },
      reportedSchema,
    );
    return { ...data, repeated: status === 200 };
  }

  /** People whose direct messages this user does not take, by their user ids. */
  async blocks(): Promise<string[]> {
    const { blocks } = await this.#requests.ask({ method: "GET", path: "/blocks" }, blocksSchema);
    return blocks.map(({ userId }) => userId);
  }

  async block(userId: string): Promise<void> {
    await this.#requests.ask({ method: "PUT", path: ofBlock(userId) }, v.unknown());
  }

  async unblock(userId: string): Promise<void> {
    await this.#requests.ask({ method: "DELETE", path: ofBlock(userId) }, v.unknown());
  }
}

function ofBlock(userId: string): string {
  return `/blocks/${encodeURIComponent(userId)}`;
}
