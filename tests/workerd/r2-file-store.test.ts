import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { R2FileStore } from "../../edge/files/r2-file-store.ts";
import { fileStoreContract } from "../support/file-store-contract.ts";

function openStore(): R2FileStore {
  if (env.FILES === undefined) throw new Error("the bucket is not bound");
  return new R2FileStore(env.FILES);
}

describe("the R2 binding", () => {
  fileStoreContract(openStore);

  test("carries a part as a stream", async () => {
    const store = openStore();
    const upload = await store.startUpload(`f/${crypto.randomUUID()}/1/original`, "text/plain");
    if (store.partDoor.type !== "carried") throw new Error("the binding signs nothing");
    const { body } = new Request("https://edge.test", { method: "PUT", body: "streamed" });
    if (body === null) throw new Error("a request with a body has one");
    const part = await store.partDoor.putStream(upload, 1, body);
    expect(await store.finishUpload(upload, [part])).toMatchObject({ size: 8 });
  });
});
