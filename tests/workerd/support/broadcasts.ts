import { env } from "cloudflare:workers";
import * as v from "valibot";
import { expect } from "vitest";
import { broadcastSchema, progressSchema } from "../../../worker/api/schemas/broadcast.ts";
import type { UserId } from "../../../protocol/ids.ts";
import { api, type ApiAnswer } from "./api.ts";
import { range, user } from "./conversations.ts";
import { mintToken } from "./tokens.ts";

/** People nobody else has, with accounts; registering a thousand would be a thousand password hashes. */
export async function accountHolders(count: number): Promise<UserId[]> {
  const ids = range(1, count).map(() => user(crypto.randomUUID()));
  const insert = env.DB.prepare(
    `INSERT INTO user (user_id, matricule, name, role, password_hash, created_at)
     VALUES (?1, ?1, 'Person', 'user', '', 0)`,
  );
  if (count > 0) await env.DB.batch(ids.map((id) => insert.bind(id)));
  return ids;
}

export interface Person {
  id: UserId;
  token: string;
}

export async function person(): Promise<Person> {
  const [id] = await accountHolders(1);
  if (id === undefined) throw new Error("one person was asked for");
  return { id, token: await mintToken(id) };
}

export function tryFound(
  { token }: Person,
  recipientIds: readonly string[],
  rest: { adminIds?: readonly string[]; broadcastId?: string } = {},
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  const body = { name: "News", recipientIds, ...rest };
  return api("POST", "/broadcasts", { token, body, headers });
}

export async function foundList(
  owner: Person,
  recipientIds: readonly string[],
  rest: { adminIds?: readonly string[]; broadcastId?: string } = {},
) {
  const answer = await tryFound(owner, recipientIds, rest);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return v.parse(broadcastSchema, answer.data);
}

export function post(
  { token }: Person,
  broadcastId: string,
  content: string,
  key: string = crypto.randomUUID(),
): Promise<ApiAnswer> {
  const headers = { "idempotency-key": key };
  return api("POST", `/broadcasts/${broadcastId}/messages`, { token, body: { content }, headers });
}

export async function progressOf(
  { token }: Person,
  broadcastId: string,
  n: number,
  query = "?limit=1000",
) {
  const { data } = await api("GET", `/broadcasts/${broadcastId}/messages/${n}${query}`, { token });
  return v.parse(progressSchema, data);
}

/** The progress of a message once nobody is pending. */
export async function completed(reader: Person, broadcastId: string, n: number) {
  const isComplete = async () => (await progressOf(reader, broadcastId, n)).completedAt !== null;
  await expect.poll(isComplete).toBe(true);
  return progressOf(reader, broadcastId, n);
}

/** What stands in a conversation, as one of its members reads it; null when it is none of theirs. */
export async function contentsIn(conversationId: string, readerId: string) {
  const token = await mintToken(readerId);
  const path = `/messages?conversationId=${conversationId}`;
  const { status, data } = await api("GET", path, { token });
  if (status === 404) return null;
  const messages = v.parse(
    v.array(v.object({ messageId: v.string(), senderId: v.string(), content: v.string() })),
    data["messages"],
  );
  return messages.map(({ senderId, content }) => ({ senderId, content }));
}
