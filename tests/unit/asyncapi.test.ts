import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import specs from "@asyncapi/specs";
import { Validator, type Schema } from "@cfworker/json-schema";
import { expect, test } from "vitest";
import { NGOMNA_CLIENT_EVENTS } from "../../core/chat/ngomna-events.ts";
import { NGOMNA_SERVER_EVENTS, SVC_SERVER_EVENTS } from "../../core/chat/server-events.ts";
import { asyncApiText } from "../../scripts/asyncapi/text.ts";
import { DescribedMessages } from "../support/described-messages.ts";

const REPO = path.resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(path.join(REPO, file), "utf8");
const described = DescribedMessages.read();

test("docs/asyncapi.yaml is what npm run asyncapi writes", async () => {
  expect(read("docs/asyncapi.yaml") === (await asyncApiText()), "run npm run asyncapi").toBe(true);
});

test("it is AsyncAPI 3.0, by the schema of the specification", () => {
  const schema: Schema = Object(specs.schemas["3.0.0"]);
  const validator = new Validator(schema, "7", false);
  expect(validator.validate(described.document).errors).toEqual([]);
  const broken = { ...described.document, asyncapi: "4.0.0" };
  expect(validator.validate(broken).valid).toBe(false);
});

test("what it refers to is there", () => {
  const text = JSON.stringify(described.document);
  const refs = [...new Set([...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, ref = ""]) => ref))];
  expect(refs.length).toBeGreaterThan(100);
  const missing = refs.filter((ref) => {
    const found = ref
      .split("/")
      .reduce<unknown>((part, name) => Object(part)[name], described.document);
    return found === undefined;
  });
  expect(missing).toEqual([]);
});

test("every Socket.IO event that the code can emit is in it, and none that it cannot", () => {
  const sources = ["core/chat", "durable-objects/gateway"]
    .flatMap((folder) => readdirSync(path.join(REPO, folder)).map((name) => `${folder}/${name}`))
    .filter((file) => !/server-events|\.test\.ts$/.test(file))
    .map(read)
    .join("\n");
  // the types let no other name through; a name that nobody emits is one that nobody writes
  const names = [...Object.keys(NGOMNA_SERVER_EVENTS), ...Object.keys(SVC_SERVER_EVENTS)];
  expect(names.filter((name) => !sources.includes(`"${name}"`))).toEqual([]);
  expect(described.sentOver("ngomna")).toEqual(Object.keys(NGOMNA_SERVER_EVENTS));
  expect(described.sentOver("chatSvc")).toEqual(Object.keys(SVC_SERVER_EVENTS));
  const received = Object.keys(described.document.channels["ngomna"]?.messages ?? {})
    .filter((key) => key.startsWith("received."))
    .map((key) => key.slice("received.".length));
  expect(received).toEqual(Object.keys(NGOMNA_CLIENT_EVENTS));
});
