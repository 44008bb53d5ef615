import { Client } from "minio";
import { describe, expect, test } from "vitest";
import { S3FileStore } from "../../edge/files/s3-file-store.ts";
import { fileStoreContract } from "../support/file-store-contract.ts";
import { s3Settings } from "./endpoints.ts";

const LIFE_S = 60;

/** Somebody else's S3 client, on the same bucket. */
function otherClient(): Client {
  const { endpoint, accessKeyId, secretAccessKey, region } = s3Settings();
  const { hostname, port } = new URL(endpoint);
  return new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: false,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    region,
  });
}

async function readByOther(key: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await otherClient().getObject(s3Settings().bucket, key)) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

function newKey(): string {
  return `f/${crypto.randomUUID()}/1/original`;
}

describe("the S3 API", () => {
  fileStoreContract(() => new S3FileStore(s3Settings()));

  test("another SDK reads what put wrote, with its type", async () => {
    const [store, key] = [new S3FileStore(s3Settings()), newKey()];
    const { etag } = await store.put(key, Buffer.from("written by us"), "image/webp");
    expect((await readByOther(key)).toString()).toBe("written by us");
    const stat = await otherClient().statObject(s3Settings().bucket, key);
    expect(stat).toMatchObject({ size: 13, etag });
    expect(stat.metaData["content-type"]).toBe("image/webp");
  });

  test("another SDK reads what came in parts by presigned URLs", async () => {
    const [store, key] = [new S3FileStore(s3Settings()), newKey()];
    const parts = [Buffer.alloc(5 * 1_048_576, 1), Buffer.from("the end")];
    const upload = await store.startUpload(key, "video/mp4");
    for (const [index, body] of parts.entries()) {
      const answer = await fetch(await urlFor(store, upload, index + 1, body.length), {
        method: "PUT",
        body,
      });
      expect(answer.status).toBe(200);
    }
    const listed = await store.listParts(upload);
    expect(listed.map(({ part }) => part)).toEqual([1, 2]);
    await store.finishUpload(upload, listed);
    expect(await readByOther(key)).toEqual(Buffer.concat(parts));
  });

  test("we read what another SDK wrote", async () => {
    const key = newKey();
    await otherClient().putObject(s3Settings().bucket, key, "written by them");
    const found = await new S3FileStore(s3Settings()).get(key);
    expect(await new Response(found?.body).text()).toBe("written by them");
  });

  test("a presigned URL takes the length it was signed for and nothing else", async () => {
    const [store, key] = [new S3FileStore(s3Settings()), newKey()];
    const upload = await store.startUpload(key, "text/plain");
    const url = await urlFor(store, upload, 1, 5);
    const put = async (to: string, body: string) =>
      (await fetch(to, { method: "PUT", body })).status;
    expect(await put(url, "longer than five")).toBe(403);
    expect(await put(url.replace("partNumber=1", "partNumber=2"), "other")).toBe(403);
    expect(
      await put(
        url.replace(/.$/, (last) => (last === "0" ? "1" : "0")),
        "other",
      ),
    ).toBe(403);
    expect(await put(url, "right")).toBe(200);
  });

  test("wrong credentials are an error, not an absent file", async () => {
    const shut = new S3FileStore({ ...s3Settings(), secretAccessKey: "wrong" });
    await expect(shut.head(newKey())).rejects.toMatchObject({ name: "FileStoreError" });
  });
});

async function urlFor(
  store: S3FileStore,
  upload: { key: string; uploadId: string },
  part: number,
  length: number,
): Promise<string> {
  if (store.partDoor.type !== "presigned") throw new Error("the S3 API signs URLs");
  return store.partDoor.urlFor(upload, { part, length }, LIFE_S);
}
