import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as v from "valibot";
import { expect, onTestFinished, test } from "vitest";
import { S3FileStore } from "../../edge/files/s3-file-store.ts";
import { startWhole } from "./whole-start.ts";
import { s3Settings } from "./endpoints.ts";

const foundedSchema = v.object({ data: v.object({ conversationId: v.string() }) });
const uploadedSchema = v.object({ data: v.object({ url: v.string() }) });

test("npm start keeps files in the S3 that the environment names", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "parley-start-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { url: baseUrl, output } = await startWhole(folder);
  expect(output).toContain(`${s3Settings().endpoint}, bucket ${s3Settings().bucket}`);

  const person = { matricule: `m-${crypto.randomUUID()}`, password: "correct horse", name: "Ada" };
  const registered = await post(`${baseUrl}/auth/register`, JSON.stringify(person));
  const { accessToken } = v.parse(v.object({ accessToken: v.string() }), registered);
  const groupUrl = `${baseUrl}/conversations/group`;
  const founded = await post(groupUrl, JSON.stringify({ name: "Files" }), accessToken);
  const { conversationId } = v.parse(foundedSchema, founded).data;
  const form = new FormData();
  form.set("conversationId", conversationId);
  form.set("file", new File(["kept in S3"], "notes.txt", { type: "text/plain" }));
  const uploaded = await post(`${baseUrl}/files/upload`, form, accessToken);
  const { data } = v.parse(uploadedSchema, uploaded);
  expect(await (await fetch(data.url)).text()).toBe("kept in S3");
  const key = `f/${conversationId}/1/original`;
  const found = await new S3FileStore(s3Settings()).get(key);
  expect(await new Response(found?.body).text()).toBe("kept in S3");
});

async function post(url: string, body: string | FormData, token = ""): Promise<unknown> {
  const headers = {
    ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
    ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
  };
  return (await fetch(url, { method: "POST", headers, body })).json();
}
