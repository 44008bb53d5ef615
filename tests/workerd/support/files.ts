import { exports } from "cloudflare:workers";
import * as v from "valibot";
import { api, EDGE, type ApiAnswer } from "./api.ts";
import { foundGroup, type TestConversation } from "./conversations.ts";
import { mintToken } from "./tokens.ts";

const fileSchema = v.looseObject({
  fileId: v.string(),
  url: v.string(),
  downloadUrl: v.string(),
  thumbnailUrl: v.nullable(v.string()),
});
export type UploadedFile = v.InferOutput<typeof fileSchema>;

const uploadSchema = v.object({
  fileId: v.string(),
  state: v.string(),
  size: v.number(),
  partBytes: v.number(),
  expiresAt: v.string(),
  uploadedParts: v.array(v.number()),
  parts: v.array(
    v.object({
      partNumber: v.number(),
      method: v.literal("PUT"),
      url: v.string(),
      offset: v.number(),
      size: v.number(),
    }),
  ),
  url: v.nullable(v.string()),
});
export type DirectUpload = v.InferOutput<typeof uploadSchema>;

/** One member of a fresh group, with a token, and one who is no member. */
export interface Room {
  conversation: TestConversation;
  alice: string;
  bob: string;
  mallory: string;
  userIds: { alice: string; bob: string; mallory: string };
}

/** Users nobody else has, so that quotas start at nothing. */
export async function openRoom(): Promise<Room> {
  const userIds = {
    alice: `alice-${crypto.randomUUID()}`,
    bob: `bob-${crypto.randomUUID()}`,
    mallory: `mallory-${crypto.randomUUID()}`,
  };
  return {
    conversation: await foundGroup([userIds.alice, userIds.bob]),
    alice: await mintToken(userIds.alice),
    bob: await mintToken(userIds.bob),
    mallory: await mintToken(userIds.mallory),
    userIds,
  };
}

export interface FormFile {
  bytes: Uint8Array | string;
  name?: string;
  type?: string;
  /** Fields before and after the file. */
  before?: Record<string, string>;
  after?: Record<string, string>;
  /** Its `Idempotency-Key`. */
  key?: string;
}

/** POST /files/upload as a browser sends it. */
export async function upload(
  token: string,
  { bytes, name = "notes.txt", type = "text/plain", before = {}, after = {}, key }: FormFile,
): Promise<ApiAnswer> {
  const form = new FormData();
  for (const [field, value] of Object.entries(before)) form.append(field, value);
  form.append("file", new File([bytes], name, { type }));
  for (const [field, value] of Object.entries(after)) form.append(field, value);
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  return api("POST", "/files/upload", { token, body: form, headers });
}

/** A file of the first member, stored. */
export async function storedFile(room: Room, file: FormFile): Promise<UploadedFile> {
  const before = { conversationId: room.conversation.id, ...file.before };
  const answer = await upload(room.alice, { ...file, before });
  if (answer.status !== 201) throw new Error(`the upload answered ${JSON.stringify(answer.body)}`);
  return fileOf(answer);
}

export function fileOf({ data }: ApiAnswer): UploadedFile {
  return v.parse(fileSchema, data);
}

export async function presign(
  room: Room,
  body: { size: number; mimeType?: string; fileName?: string },
): Promise<DirectUpload> {
  const answer = await api("POST", "/files/presign", {
    token: room.alice,
    body: { conversationId: room.conversation.id, fileName: "big.bin", ...body },
  });
  if (answer.status !== 201) throw new Error(`presign answered ${JSON.stringify(answer.body)}`);
  return directUploadOf(answer);
}

export function directUploadOf({ data }: ApiAnswer): DirectUpload {
  return v.parse(uploadSchema, data);
}

export async function put(url: string, body: Uint8Array | string): Promise<Response> {
  return exports.default.fetch(url, { method: "PUT", body });
}

/** A GET of a path or a signed URL. */
export async function get(
  pathOrUrl: string,
  { token, headers = {} }: { token?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  const url = new URL(pathOrUrl, EDGE);
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return exports.default.fetch(url.href, { headers: { ...authorization, ...headers } });
}

export async function answerOf(response: Response): Promise<ApiAnswer> {
  const text = await response.text();
  const body: Record<string, unknown> = text === "" ? {} : Object(JSON.parse(text));
  const data: Record<string, unknown> = Object(body["data"]);
  return { status: response.status, headers: response.headers, body, data };
}

export async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}

export function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(count, at + 65_536)));
  }
  return bytes;
}
