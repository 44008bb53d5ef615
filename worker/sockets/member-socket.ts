import * as v from "valibot";
import { ERROR_CODES, type ErrorCode, type Refusal } from "../../protocol/error-codes.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { TokenHolder } from "../../edge/auth/principal.ts";
import type { Env } from "../../edge/env.ts";

/** The edge's end of a socket into the Conversation, for a member who has shown a token. */
export async function memberSocket(
  env: Env,
  id: ConversationId,
  { userId, expiresAt }: TokenHolder,
): Promise<Result<WebSocket, Refusal>> {
  const headers = {
    upgrade: "websocket",
    "x-parley-user": encodeURIComponent(userId),
    "x-parley-expires": `${expiresAt}`,
  };
  const stub = env.CONVERSATION.getByName(id);
  const answer = await stub.fetch("https://conversation/socket", { headers });
  if (answer.webSocket !== null) return ok(answer.webSocket);
  const refused = v.safeParse(refusalSchema, await answer.json());
  if (!refused.success) throw new Error("a conversation neither upgraded nor refused");
  return fail(refused.output);
}

const refusalSchema = v.object({
  code: v.custom<ErrorCode>((code) => typeof code === "string" && Object.hasOwn(ERROR_CODES, code)),
  message: v.string(),
});
