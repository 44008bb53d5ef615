import * as v from "valibot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drainMeasured, LARGE_BYTES, LargeFile } from "../support/large-file.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { s3Settings } from "./endpoints.ts";

/** What the runtime may grow by while two gigabytes pass: far less than a part for each of them. */
const GROWTH_BYTES = 96 * 1_048_576;
const FORM_BYTES = 100_000_000;
const FORMS = 5;
/** Garbage of streams that the runtime has not collected yet, above the parts in hand; a quarter of what passes. */
const FORMS_GROWTH_BYTES = 128 * 1_048_576;

const planSchema = v.object({
  data: v.object({
    fileId: v.string(),
    uploadedParts: v.array(v.number()),
    parts: v.array(
      v.object({ partNumber: v.number(), url: v.string(), offset: v.number(), size: v.number() }),
    ),
  }),
});

let parley: ParleyWorkerd;
let headers: Record<string, string>;
let conversationId: string;
const file = new LargeFile();

beforeAll(async () => {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = s3Settings();
  parley = await ParleyWorkerd.start({
    bridge: false,
    text: {
      S3_ENDPOINT: endpoint,
      S3_BUCKET: bucket,
      S3_REGION: region,
      S3_ACCESS_KEY: accessKeyId,
      S3_SECRET_KEY: secretAccessKey,
    },
  });
  conversationId = await parley.group(["alice", "bob"]);
  headers = { authorization: `Bearer ${await parley.token("alice")}` };
});
afterAll(() => parley.stop());

async function plan(path: string, init: RequestInit = {}) {
  const json = { ...headers, "content-type": "application/json" };
  const answer = await fetch(`${parley.url}${path}`, { headers: json, ...init });
  return v.parse(planSchema, await answer.json()).data;
}

async function putParts(parts: v.InferOutput<typeof planSchema>["data"]["parts"]): Promise<void> {
  for (const { url, offset, size } of parts) {
    const answer = await fetch(url, { method: "PUT", body: file.part(offset, size) });
    if (!answer.ok) throw new Error(`a part was answered with ${answer.status}`);
  }
}

test("[FIL-2] two gigabytes go up in parts, interrupted and resumed, and come down whole, with the worker's memory flat", async () => {
  const before = await parley.workerd.residentBytes();
  const body = JSON.stringify({ conversationId, fileName: "film.bin", size: LARGE_BYTES });
  const started = await plan("/files/presign", { method: "POST", body });
  expect(started.parts.length).toBe(128);
  const half = started.parts.slice(0, 60);
  await putParts(half);

  // the client went away and comes back knowing nothing but the file's id; the edge has restarted as well
  await parley.workerd.restart();
  const resumed = await plan(`/files/${started.fileId}/upload`);
  expect(resumed.uploadedParts).toEqual(half.map(({ partNumber }) => partNumber));
  await putParts(resumed.parts);
  const completed = await fetch(`${parley.url}/files/${started.fileId}/complete`, {
    method: "POST",
    headers,
  });
  expect(completed.status).toBe(200);

  const download = await fetch(`${parley.url}/files/${started.fileId}/download`, { headers });
  expect(download.headers.get("content-length")).toBe(`${LARGE_BYTES}`);
  if (download.body === null) throw new Error("a download has a body");
  const { sha256, size, most } = await drainMeasured(download.body, () =>
    parley.workerd.residentBytes(),
  );
  expect(size).toBe(LARGE_BYTES);
  expect(sha256).toBe(file.sha256());
  console.log(`memory: ${mebibytes(before)} before, at most ${mebibytes(most)} while 2 GiB passed`);
  expect(most - before).toBeLessThan(GROWTH_BYTES);
});

test("[FIL-1] forms stream through the worker: half a gigabyte of them leaves its memory where the first one took it", async () => {
  const before = await parley.workerd.residentBytes();
  const blob = new Blob([file.part(0, FORM_BYTES)]);
  let most = 0;
  for (let count = 0; count < FORMS; count++) {
    const form = new FormData();
    form.set("conversationId", conversationId);
    form.set("file", blob, "large.bin");
    const init = { method: "POST", headers, body: form };
    const uploading = fetch(`${parley.url}/files/upload`, init);
    most = Math.max(most, await mostWhile(uploading));
    expect((await uploading).status).toBe(201);
  }
  console.log(`memory: ${mebibytes(before)} before, at most ${mebibytes(most)} during the forms`);
  expect(most - before).toBeLessThan(FORMS_GROWTH_BYTES);
});

/** The most memory of the runtime until `work` has ended. */
async function mostWhile(work: Promise<unknown>): Promise<number> {
  const ended = work.then(() => null);
  for (let most = 0; ;) {
    const found = await Promise.race([ended, parley.workerd.residentBytes()]);
    if (found === null) return most;
    most = Math.max(most, found);
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}
