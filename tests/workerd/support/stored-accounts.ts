import { env } from "cloudflare:workers";
import { parseUserId, type UserId } from "../../../protocol/ids.ts";

export function accountIdOf({ userId }: { userId: string }): UserId {
  const parsed = parseUserId(userId);
  if (!parsed.ok) throw new Error(`${userId} is no user id`);
  return parsed.value;
}

/** As it stands in the database, which no answer shows. */
export async function passwordHashOf(userId: string): Promise<string> {
  const row = await env.DB.prepare("SELECT password_hash AS hash FROM user WHERE user_id = ?")
    .bind(userId)
    .first<{ hash: string }>();
  if (row === null) throw new Error(`${userId} has no account`);
  return row.hash;
}
