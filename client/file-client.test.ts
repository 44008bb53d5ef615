import { expect, test } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { thumbnailUrl, type FileInfo } from "./file-answers.ts";
import { FileClient } from "./file-client.ts";
import type { Carry, Fetch } from "./http.ts";
import { SignedInRequests } from "./signed-in-requests.ts";

const PART = 16_777_216;
const HALF_AN_HOUR_MS = 1_800_000;

const stored = {
  fileId: "c1.f1",
  conversationId: "c1",
  originalName: "notes.txt",
  mimeType: "text/plain",
  kind: "document",
  size: 5,
  uploadedBy: "u1",
  url: "https://e.test/files/c1.f1?signature=s",
  downloadUrl: "https://e.test/files/c1.f1/download?signature=s",
  thumbnailUrl: null,
  width: null,
  height: null,
};
const { originalName: name, ...rest } = stored;
const info = { ...rest, name };

const enveloped = (data: unknown, status = 200) =>
  Response.json({ success: true, message: "", data, metadata: {} }, { status });
const problem = (status: number, code: string) =>
  Response.json({ code, message: "no" }, { status });

/** Requests and bytes are answered in turn; what was asked is noted in one list, as it went out. */
function setUp(answers: (Response | Error)[], now = () => 0) {
  const asked: string[] = [];
  const next = () => {
    const answer = answers.shift() ?? new Error("nobody answers");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const note = (url: string, { method, headers }: RequestInit, body: string) => {
    const sent = new Headers(headers);
    const { pathname, search } = new URL(url);
    const key = sent.get("idempotency-key") ?? "-";
    asked.push(`${method} ${pathname}${search} ${sent.get("authorization")} ${key} ${body}`);
  };
  const fetch: Fetch = async (url, init) => {
    note(url, init, typeof init.body === "string" ? init.body : "-");
    return next();
  };
  const carry: Carry = async (url, init, sent) => {
    const { body } = init;
    const bytes = body instanceof Blob ? body : body instanceof FormData ? body.get("file") : null;
    if (!(bytes instanceof Blob)) throw new Error("no bytes");
    note(url, init, `${bytes.size} bytes`);
    init.signal?.throwIfAborted();
    sent(bytes.size + 200);
    return next();
  };
  const tokens = { token: async (old?: string) => (old === undefined ? "old" : "new") };
  const requests = new SignedInRequests(fetch, "https://e.test", tokens);
  const ports = { baseUrl: "https://e.test", carry, now, randomId: () => "drawn" };
  return { asked, files: new FileClient(requests, ports) };
}

/** A file of this size that is held nowhere; its parts say where they are from. */
function hugeFile(size: number): File {
  const file = new File([], "film.mp4", { type: "video/mp4" });
  Object.defineProperty(file, "size", { value: size });
  file.slice = (from = 0, to = 0) => {
    const part = new Blob([]);
    Object.defineProperty(part, "size", { value: to - from });
    return part;
  };
  return file;
}

const partsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    partNumber: first + index,
    method: "PUT",
    url: `https://s3.test/part/${first + index}`,
    offset: (first + index - 1) * PART,
    size: PART,
  }));
const plan = (parts: unknown[], state = "pending") => enveloped({ fileId: "c1.f1", state, parts });

test("[FIL-1] a file goes in one form under its key, and tells how far it has got", async () => {
  const { asked, files } = setUp([enveloped(stored, 201)]);
  const told: number[] = [];
  const file = new File(["hello"], "notes.txt", { type: "text/plain" });
  const progress = (bytes: number) => told.push(bytes);
  expect(await files.upload("c1", file, { key: "k", progress })).toEqual(info);
  expect(asked).toEqual(["POST /files/upload?conversationId=c1 Bearer old k 5 bytes"]);
  expect(told).toEqual([5]);
});

test("a refused token is renewed once, and the form goes again", async () => {
  const { asked, files } = setUp([problem(401, "TOKEN_EXPIRED"), enveloped(stored)]);
  await files.upload("c1", new File(["hello"], "notes.txt"));
  expect(asked).toEqual([
    "POST /files/upload?conversationId=c1 Bearer old drawn 5 bytes",
    "POST /files/upload?conversationId=c1 Bearer new drawn 5 bytes",
  ]);
});

test("[FIL-2] what a form cannot hold goes in parts, without a token", async () => {
  const size = 7 * PART;
  const answers = [plan(partsFrom(1, 7)), ...Array.from({ length: 7 }, () => new Response(null))];
  const { asked, files } = setUp([...answers, enveloped(stored)]);
  const told: number[] = [];
  const progress = (bytes: number) => told.push(bytes / PART);
  await files.upload("c1", hugeFile(size), { key: "k", progress });
  const body = { conversationId: "c1", fileName: "film.mp4", mimeType: "video/mp4", size };
  expect(asked).toEqual([
    `POST /files/presign Bearer old k ${JSON.stringify(body)}`,
    ...[1, 2, 3, 4, 5, 6, 7].map((part) => `PUT /part/${part} null - ${PART} bytes`),
    "POST /files/c1.f1/complete Bearer old - -",
  ]);
  expect(told).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
});

test("[FIL-2] an upload that is begun again goes on with what is missing", async () => {
  const answers = [plan(partsFrom(6, 2)), new Response(null), new Response(null)];
  const { asked, files } = setUp([...answers, enveloped(stored)]);
  const told: number[] = [];
  const progress = (bytes: number) => told.push(bytes / PART);
  await files.upload("c1", hugeFile(7 * PART), { key: "k", progress });
  expect(asked.filter((line) => line.startsWith("PUT"))).toEqual([
    `PUT /part/6 null - ${PART} bytes`,
    `PUT /part/7 null - ${PART} bytes`,
  ]);
  expect(told).toEqual([5, 6, 6, 7, 7]);
});

test("[FIL-7] URLs of parts that grow old are asked for anew", async () => {
  let now = 0;
  const later = partsFrom(2, 6).map((part) => ({ ...part, url: `${part.url}/fresh` }));
  const bare = () => new Response(null);
  const answers = [plan(partsFrom(1, 7)), bare(), plan(later), ...Array.from({ length: 6 }, bare)];
  const { asked, files } = setUp([...answers, enveloped(stored)], () => now);
  const progress = () => {
    if (now === 0) now = HALF_AN_HOUR_MS;
    else if (now === HALF_AN_HOUR_MS) now += 1;
  };
  await files.upload("c1", hugeFile(7 * PART), { key: "k", progress });
  expect(asked.slice(1, 4)).toEqual([
    `PUT /part/1 null - ${PART} bytes`,
    "GET /files/c1.f1/upload Bearer old - -",
    `PUT /part/2/fresh null - ${PART} bytes`,
  ]);
});

test("[FIL-1] a file over the limit is refused before anything is asked", async () => {
  const { asked, files } = setUp([]);
  const upload = files.upload("c1", hugeFile(LIMITS.fileBytes + 1));
  await expect(upload).rejects.toMatchObject({ code: "TOO_LARGE" });
  expect(asked).toEqual([]);
});

test.each([
  ["[FIL-3] no room", problem(413, "TOO_LARGE"), "QUOTA_FULL", false],
  ["[FIL-10] a wrong type", problem(415, "UNSUPPORTED_TYPE"), "UNSUPPORTED_TYPE", false],
  ["no network", new Error("offline"), "NETWORK", true],
  ["a proxy's page", new Response("<html>", { status: 502 }), "UNAVAILABLE", true],
])("%s is an error that knows whether to retry", async (_name, answer, code, retry) => {
  const { files } = setUp([answer]);
  const error = await files.upload("c1", new File(["x"], "x")).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code });
  expect((error as { shouldRetry(): boolean }).shouldRetry()).toBe(retry); // the line above proves it
});

test("[FIL-9] an upload that is cancelled says so, and is given up", async () => {
  const ending = new AbortController();
  const answers = [plan(partsFrom(1, 7)), new Response(null), enveloped({ fileId: "c1.f1" })];
  const { asked, files } = setUp(answers);
  const progress = (bytes: number) => bytes > 0 && ending.abort();
  const upload = files.upload("c1", hugeFile(7 * PART), { signal: ending.signal, progress });
  await expect(upload).rejects.toMatchObject({ code: "CANCELLED" });
  expect(asked.map((line) => line.split(" ", 2).join(" "))).toEqual([
    "POST /files/presign",
    "PUT /part/1",
    "DELETE /files/c1.f1",
  ]);
  const late = files.upload("c1", new File(["x"], "x"), { signal: ending.signal });
  await expect(late).rejects.toMatchObject({ code: "CANCELLED" });
  expect(asked.length).toBe(3);
});

test("what is known about a file, and its end", async () => {
  const { asked, files } = setUp([enveloped(stored), enveloped({ fileId: "c1.f1" })]);
  expect(await files.info("c1.f1")).toEqual(info);
  await files.remove("c1.f1");
  expect(asked).toEqual([
    "GET /files/c1.f1/info Bearer old - -",
    "DELETE /files/c1.f1 Bearer old - -",
  ]);
});

test("[FIL-5] a picture has thumbnails of three sizes under one signature", () => {
  const medium = "https://e.test/files/c1.f1/thumbnail/medium?signature=s";
  const picture = { ...info, thumbnailUrl: medium } as FileInfo; // `kind` is a plain string in the fixture
  expect(thumbnailUrl(picture, "large")).toBe(medium.replace("medium", "large"));
  expect(thumbnailUrl({ ...picture, thumbnailUrl: null }, "large")).toBe(null);
});
