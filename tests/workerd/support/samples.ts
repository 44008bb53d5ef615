import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { ApiRequest, SignIn } from "./api.ts";
import { api, PASSWORD, register } from "./api.ts";
import { fileOf, put, upload } from "./files.ts";
import { picture } from "./pictures.ts";
import { adminToken } from "./tokens.ts";

/** People and things that a sample request can be about. */
export interface World {
  ada: SignIn;
  bob: SignIn;
  /** A group of both, which Ada owns. */
  group: string;
  /** A message of Ada's in it. */
  message: string;
}

export interface Sample extends ApiRequest {
  path: string;
}

export async function makeWorld(): Promise<World> {
  const [ada, bob] = await Promise.all([register("Ada"), register("Bob")]);
  const token = ada.accessToken;
  const founding = { name: "Team", participantIds: [bob.user.userId] };
  const founded = await api("POST", "/conversations/group", { token, body: founding });
  const group = String(founded.data["conversationId"]);
  const sent = await api("POST", "/messages", {
    token,
    body: { conversationId: group, content: "hi" },
  });
  return { ada, bob, group, message: String(sent.data["messageId"]) };
}

/** For every route a request that succeeds in a fresh world; who asks is Ada unless a token is given. */
export const SAMPLES: Readonly<Record<string, (world: World) => Sample | Promise<Sample>>> = {
  "post /auth/register": () => ({
    path: "/auth/register",
    body: { matricule: `m-${crypto.randomUUID()}`, password: PASSWORD, name: "Eve" },
  }),
  "post /auth/login": ({ ada }) => ({
    path: "/auth/login",
    body: { matricule: ada.user.matricule, password: PASSWORD },
  }),
  "post /auth/refresh": ({ ada }) => ({
    path: "/auth/refresh",
    body: { refreshToken: ada.refreshToken },
  }),
  "post /auth/logout": ({ ada }) => ({
    path: "/auth/logout",
    body: { refreshToken: ada.refreshToken },
  }),
  "get /auth/me": () => ({ path: "/auth/me" }),
  "patch /auth/me": () => ({ path: "/auth/me", body: { name: "Augusta" } }),
  "get /auth/sessions": () => ({ path: "/auth/sessions" }),
  "delete /auth/sessions/{signInId}": async ({ ada }) => {
    const { body } = await api("GET", "/auth/sessions", { token: ada.accessToken });
    const [signIn] = [body["signIns"]].flat().map(Object);
    return { path: `/auth/sessions/${signIn.signInId}` };
  },
  "post /login": ({ ada }) => ({
    path: "/login",
    body: { matricule: ada.user.matricule, password: PASSWORD },
  }),
  "post /validate": ({ ada }) => ({ path: "/validate", body: { token: ada.accessToken } }),
  "post /admin/api-keys": async () => ({
    path: "/admin/api-keys",
    token: await adminToken(),
    body: { name: "Bot" },
  }),
  "get /admin/api-keys": async () => ({ path: "/admin/api-keys", token: await adminToken() }),
  "delete /admin/api-keys/{keyId}": async () => {
    const token = await adminToken();
    const made = await api("POST", "/admin/api-keys", { token, body: { name: "Bot" } });
    return { path: `/admin/api-keys/${String(made.data["keyId"])}`, token };
  },
  "put /admin/users/{userId}/role": async ({ bob }) => ({
    path: `/admin/users/${bob.user.userId}/role`,
    token: await adminToken(),
    body: { role: "admin" },
  }),
  "get /admin/audit": async () => ({ path: "/admin/audit", token: await adminToken() }),
  "put /admin/suspensions/{userId}": async () => ({
    path: `/admin/suspensions/${crypto.randomUUID()}`,
    token: await adminToken(),
    body: { seconds: 60, reason: "spam" },
  }),
  "delete /admin/suspensions/{userId}": async () => {
    const path = `/admin/suspensions/${crypto.randomUUID()}`;
    const token = await adminToken();
    await api("PUT", path, { token, body: { seconds: 60, reason: "spam" } });
    return { path, token };
  },
  "get /admin/suspensions": async () => ({
    path: "/admin/suspensions",
    token: await adminToken(),
  }),
  "post /messages/{messageId}/reports": ({ bob, message }) => ({
    path: `/messages/${message}/reports`,
    token: bob.accessToken,
    body: { reason: "an advert" },
  }),
  "get /api/chat/messages/{conversation_id}": ({ group }) => ({
    path: `/api/chat/messages/${group}?limit=5`,
  }),
  "post /api/chat/messages/{message_id}/reportSpam": ({ bob, message }) => ({
    path: `/api/chat/messages/${message}/reportSpam`,
    token: bob.accessToken,
    body: { reason: "an advert" },
  }),
  "get /moderation/reports": async (world) => {
    await reported(world);
    return { path: "/moderation/reports?state=open", token: await adminToken() };
  },
  "get /moderation/reports/{messageId}": async (world) => ({
    path: await reported(world),
    token: await adminToken(),
  }),
  "patch /moderation/reports/{messageId}": async (world) => ({
    path: await reported(world),
    token: await adminToken(),
    body: { state: "in_review", note: "having a look" },
  }),
  "delete /conversations/{conversationId}/members/{userId}/messages": ({ group, bob }) => ({
    path: `/conversations/${group}/members/${bob.user.userId}/messages`,
  }),
  "put /moderation/conversations/{conversationId}/lock": async ({ group }) => ({
    path: `/moderation/conversations/${group}/lock`,
    token: await adminToken(),
  }),
  "delete /moderation/conversations/{conversationId}/lock": async ({ group }) => ({
    path: `/moderation/conversations/${group}/lock`,
    token: await adminToken(),
  }),
  "get /presence": ({ bob }) => ({ path: `/presence?userIds=${bob.user.userId}` }),
  "put /presence": () => ({ path: "/presence", body: { invisible: true } }),
  "get /notifications": async ({ ada }) => {
    const notification = { id: "n1", title: "Quote", body: "It was accepted.", data: { n: 1 } };
    await env.INBOX.getByName(ada.user.userId).notify(notification);
    return { path: "/notifications" };
  },
  "get /blocks": () => ({ path: "/blocks" }),
  "put /blocks/{userId}": () => ({ path: `/blocks/${crypto.randomUUID()}` }),
  "delete /blocks/{userId}": () => ({ path: `/blocks/${crypto.randomUUID()}` }),
  "put /conversations/{conversationId}/preferences": ({ group }) => ({
    path: `/conversations/${group}/preferences`,
    body: { muted: true },
  }),
  "get /users": () => ({ path: "/users?q=a" }),
  "get /users/{userId}": ({ bob }) => ({ path: `/users/${bob.user.userId}` }),
  "get /conversations": () => ({ path: "/conversations" }),
  "post /conversations": ({ bob }) => ({
    path: "/conversations",
    body: { participantId: bob.user.userId },
  }),
  "post /conversations/group": () => ({
    path: "/conversations/group",
    body: { name: "New", settings: { join: "open" } },
  }),
  "post /groups": () => ({ path: "/groups", body: { name: "New" } }),
  "get /conversations/{conversationId}": ({ group }) => ({ path: `/conversations/${group}` }),
  "patch /conversations/{conversationId}": ({ group }) => ({
    path: `/conversations/${group}`,
    body: { name: "Renamed", settings: { slowModeS: 5 } },
  }),
  "put /conversations/{conversationId}/read": ({ group }) => ({
    path: `/conversations/${group}/read`,
  }),
  "get /conversations/{conversationId}/members": ({ group }) => ({
    path: `/conversations/${group}/members`,
  }),
  "post /conversations/{conversationId}/members": async ({ group }) => ({
    path: `/conversations/${group}/members`,
    body: { userId: (await register("Carol")).user.userId },
  }),
  "delete /conversations/{conversationId}/members/{userId}": ({ group, bob }) => ({
    path: `/conversations/${group}/members/${bob.user.userId}`,
  }),
  "put /conversations/{conversationId}/members/{userId}/role": ({ group, bob }) => ({
    path: `/conversations/${group}/members/${bob.user.userId}/role`,
    body: { role: "moderator" },
  }),
  "put /conversations/{conversationId}/members/{userId}/mute": ({ group, bob }) => ({
    path: `/conversations/${group}/members/${bob.user.userId}/mute`,
    body: { seconds: 60 },
  }),
  "get /conversations/{conversationId}/bans": ({ group }) => ({
    path: `/conversations/${group}/bans`,
  }),
  "put /conversations/{conversationId}/bans/{userId}": ({ group, bob }) => ({
    path: `/conversations/${group}/bans/${bob.user.userId}`,
  }),
  "delete /conversations/{conversationId}/bans/{userId}": ({ group, bob }) => ({
    path: `/conversations/${group}/bans/${bob.user.userId}`,
  }),
  "post /conversations/{conversationId}/transfer": ({ group, bob }) => ({
    path: `/conversations/${group}/transfer`,
    body: { userId: bob.user.userId },
  }),
  "post /conversations/{conversationId}/join": ({ group }) => ({
    path: `/conversations/${group}/join`,
  }),
  "post /conversations/{conversationId}/leave": ({ group, bob }) => ({
    path: `/conversations/${group}/leave`,
    token: bob.accessToken,
  }),
  "delete /conversations/{conversationId}": ({ group }) => ({ path: `/conversations/${group}` }),
  "post /conversations/{conversationId}/invites": ({ group }) => ({
    path: `/conversations/${group}/invites`,
    body: { expiresInS: 60, maxUses: 3 },
  }),
  "get /conversations/{conversationId}/invites": async (world) => {
    await invited(world);
    return { path: `/conversations/${world.group}/invites` };
  },
  "delete /conversations/{conversationId}/invites/{inviteId}": async (world) => ({
    path: `/conversations/${world.group}/invites/${(await invited(world)).inviteId}`,
  }),
  "get /invites/{token}": async (world) => ({ path: `/invites/${(await invited(world)).token}` }),
  "post /invites/{token}/accept": async (world) => ({
    path: `/invites/${(await invited(world)).token}/accept`,
    token: (await register("Dan")).accessToken,
  }),
  "post /conversations/{conversationId}/requests": async ({ group }) => ({
    path: `/conversations/${group}/requests`,
    token: (await register("Dan")).accessToken,
    body: { note: "It is me" },
  }),
  "get /conversations/{conversationId}/requests": async (world) => {
    await requested(world);
    return { path: `/conversations/${world.group}/requests` };
  },
  "post /conversations/{conversationId}/requests/{userId}/approve": async (world) => ({
    path: `/conversations/${world.group}/requests/${await requested(world)}/approve`,
  }),
  "delete /conversations/{conversationId}/requests/{userId}": async (world) => ({
    path: `/conversations/${world.group}/requests/${await requested(world)}`,
  }),
  "post /messages": ({ group }) => ({
    path: "/messages",
    body: { conversationId: group, content: "hi" },
  }),
  "get /messages": ({ group }) => ({ path: `/messages?conversationId=${group}&page=1` }),
  "get /messages/{messageId}": ({ message }) => ({ path: `/messages/${message}` }),
  "patch /messages/{messageId}": ({ message }) => ({
    path: `/messages/${message}`,
    body: { newContent: "better" },
  }),
  "get /messages/{messageId}/history": ({ message }) => ({ path: `/messages/${message}/history` }),
  "delete /messages/{messageId}": ({ message }) => ({ path: `/messages/${message}` }),
  "put /messages/{messageId}/status": ({ message, bob }) => ({
    path: `/messages/${message}/status`,
    token: bob.accessToken,
    body: { status: "READ" },
  }),
  "get /messages/{messageId}/status": ({ message }) => ({ path: `/messages/${message}/status` }),
  "post /messages/{messageId}/reactions": ({ message }) => ({
    path: `/messages/${message}/reactions`,
    body: { emoji: "👍" },
  }),
  "delete /messages/{messageId}/reactions/{emoji}": ({ message }) => ({
    path: `/messages/${message}/reactions/${encodeURIComponent("👍")}`,
  }),
  "get /messages/{messageId}/reactions": ({ message }) => ({
    path: `/messages/${message}/reactions`,
  }),
  "post /broadcasts": ({ bob }) => ({
    path: "/broadcasts",
    body: { name: "News", recipientIds: [bob.user.userId] },
  }),
  "get /broadcasts": async (world) => {
    await foundBroadcast(world);
    return { path: "/broadcasts" };
  },
  "get /broadcasts/{broadcastId}": async (world) => ({
    path: `/broadcasts/${await foundBroadcast(world)}`,
  }),
  "patch /broadcasts/{broadcastId}": async (world) => ({
    path: `/broadcasts/${await foundBroadcast(world)}`,
    body: { name: "Old news" },
  }),
  "delete /broadcasts/{broadcastId}": async (world) => ({
    path: `/broadcasts/${await foundBroadcast(world)}`,
  }),
  "post /broadcasts/{broadcastId}/messages": async (world) => ({
    path: `/broadcasts/${await foundBroadcast(world)}/messages`,
    body: { content: "hear, hear" },
  }),
  "get /broadcasts/{broadcastId}/messages/{n}": async (world) => {
    const path = `/broadcasts/${await foundBroadcast(world)}/messages`;
    await api("POST", path, { token: world.ada.accessToken, body: { content: "hear, hear" } });
    return { path: `${path}/1` };
  },
  "post /files/presign": ({ group }) => ({
    path: "/files/presign",
    body: { conversationId: group, fileName: "notes.txt", size: 5 },
  }),
  "get /files/{fileId}/upload": async (world) => ({
    path: `/files/${(await beganUpload(world)).fileId}/upload`,
  }),
  "post /files/{fileId}/complete": async (world) => {
    const { fileId, url } = await beganUpload(world);
    await put(url, "hello");
    return { path: `/files/${fileId}/complete` };
  },
  "get /files/conversation/{conversationId}": async (world) => {
    await uploaded(world);
    return { path: `/files/conversation/${world.group}` };
  },
  "get /files/{fileId}/info": async (world) => ({ path: `/files/${await uploaded(world)}/info` }),
  "delete /files/{fileId}": async (world) => ({ path: `/files/${await uploaded(world)}` }),
  "post /files/upload": ({ group }) => ({
    path: "/files/upload",
    body: formOf("file", { conversationId: group, asMessage: "true" }),
  }),
  "put /files/{fileId}/parts/{part}": async (world) => {
    const { pathname, search } = new URL((await beganUpload(world)).url);
    return { path: `${pathname}${search}`, body: new TextEncoder().encode("hello") };
  },
  "get /files/{fileId}": async (world) => ({ path: `/files/${await uploaded(world)}` }),
  "get /files/{fileId}/download": async (world) => ({
    path: `/files/${await uploaded(world)}/download`,
  }),
  "get /files/{fileId}/thumbnail/{size}": async ({ ada, group }) => {
    const file = { bytes: picture("photo-6.png"), name: "p.png", type: "image/png" };
    const sent = await upload(ada.accessToken, { ...file, before: { conversationId: group } });
    return { path: `/files/${fileOf(sent).fileId}/thumbnail/small` };
  },
  "post /api/chat/upload/{conversationId}": ({ ada, bob }) => ({
    path: `/api/chat/upload/${[ada.user.userId, bob.user.userId].toSorted().join("_")}`,
    body: formOf("attachment", { sender_id: ada.user.userId, receiver_id: bob.user.userId }),
  }),
  "get /uploads/{filename}": async (world) => ({ path: `/uploads/${await uploaded(world)}.txt` }),
  "get /health": () => ({ path: "/health" }),
  "get /health/kafka": () => ({ path: "/health/kafka" }),
  "get /health/mongodb": () => ({ path: "/health/mongodb" }),
  "get /health/redis": () => ({ path: "/health/redis" }),
  "get /health/detailed": async () => ({ path: "/health/detailed", token: await adminToken() }),
  "get /.well-known/jwks.json": () => ({ path: "/.well-known/jwks.json" }),
  "get /openapi.json": () => ({ path: "/openapi.json" }),
  "get /docs": () => ({ path: "/docs" }),
  "post /files/sweep": async () => ({
    path: "/files/sweep?dryRun=true",
    token: await adminToken(),
  }),
};

/** A form with a small file in this field. */
function formOf(file: string, fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append(file, new File(["hello"], "notes.txt", { type: "text/plain" }));
  return form;
}

async function invited({ ada, group }: World): Promise<{ inviteId: string; token: string }> {
  const { data } = await api("POST", `/conversations/${group}/invites`, { token: ada.accessToken });
  return { inviteId: String(data["inviteId"]), token: String(data["token"]) };
}

/** The id of somebody who has asked to join the group. */
async function requested({ group }: World): Promise<string> {
  const { accessToken: token, user } = await register("Dan");
  await api("POST", `/conversations/${group}/requests`, { token });
  return user.userId;
}

/** Has Ada's message reported, and answers the path of its case once it is there. */
async function reported({ bob, message }: World): Promise<string> {
  const path = `/moderation/reports/${message}`;
  await api("POST", `/messages/${message}/reports`, { token: bob.accessToken });
  const token = await adminToken();
  await expect.poll(async () => (await api("GET", path, { token })).status).toBe(200);
  return path;
}

/** A list of Ada's with Bob on it. */
async function foundBroadcast({ ada, bob }: World): Promise<string> {
  const body = { name: "News", recipientIds: [bob.user.userId] };
  const { data } = await api("POST", "/broadcasts", { token: ada.accessToken, body });
  return String(data["broadcastId"]);
}

async function beganUpload({ ada, group }: World): Promise<{ fileId: string; url: string }> {
  const body = { conversationId: group, fileName: "notes.txt", size: 5 };
  const { data } = await api("POST", "/files/presign", { token: ada.accessToken, body });
  return { fileId: String(data["fileId"]), url: String(data["url"]) };
}

/** The id of a file of Ada's in the group. */
async function uploaded({ ada, group }: World): Promise<string> {
  const file = { bytes: "hello", before: { conversationId: group } };
  return fileOf(await upload(ada.accessToken, file)).fileId;
}
