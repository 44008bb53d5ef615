import { callWithin } from "../durable-objects/call.ts";
import type { ConversationFilesRpc, ConversationRpc } from "../durable-objects/rpc.ts";
import type { ConversationId } from "../protocol/ids.ts";
import type { Env } from "./env.ts";

const ATTEMPTS = 3;
const CALL_TIMEOUT_MS = 5_000;

/** No object answered in the time and attempts there are. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
  readonly code = "UNAVAILABLE";
}

/**
 * Calls a conversation, again with a fresh stub when the platform says that helps. Every call is idempotent at the far
 * end, so a repeat of one that did arrive changes nothing; `beginFile` alone spends a number each time. Throws an `UnavailableError`.
 * `stubOf` is for callers whose calls have an order: it keeps within one stub.
 */
export async function callConversation<T>(
  env: Env,
  id: ConversationId,
  call: (conversation: ConversationRpc & ConversationFilesRpc) => Promise<T>,
  stubOf: (attempt: number) => ConversationRpc & ConversationFilesRpc = () =>
    conversationStub(env, id),
): Promise<Awaited<T>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await callWithin(CALL_TIMEOUT_MS, call(stubOf(attempt)));
    } catch (error) {
      if (attempt < ATTEMPTS && isWorthRepeating(error)) continue;
      if (isOfThePlatform(error))
        throw new UnavailableError(`conversation ${id}`, { cause: error });
      throw error;
    }
  }
}

/** The platform's stub types also describe what RPC could pipeline; rpc.ts carries plain data, which arrives as it is. */
export function conversationStub(
  env: Env,
  id: ConversationId,
): ConversationRpc & ConversationFilesRpc {
  return env.CONVERSATION.getByName(id);
}

function isWorthRepeating(error: unknown): boolean {
  return flag(error, "retryable") && !flag(error, "overloaded");
}

/** A lost, overloaded or slow object, as opposed to a bug in it. */
function isOfThePlatform(error: unknown): boolean {
  const isLate = error instanceof Error && error.name === "CallTimeoutError";
  return isLate || flag(error, "retryable") || flag(error, "overloaded");
}

function flag(error: unknown, name: "retryable" | "overloaded"): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    name in error &&
    Reflect.get(error, name) === true
  );
}
