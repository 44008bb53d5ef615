import { beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { CONTRACTS } from "../../worker/api/route-table.ts";
import { app } from "../../worker/app.ts";
import { api, problem, refusalOf, register, type ApiAnswer } from "./support/api.ts";
import { PROMISED } from "./support/contract-routes.ts";
import { Description } from "./support/description.ts";
import { makeWorld, SAMPLES, type Sample, type World } from "./support/samples.ts";

interface Row {
  operation: string;
  open: boolean;
  /** What a body is made of; null without one. */
  body: "json" | "form" | null;
  /** About a conversation, a message, a file or a list: a stranger must not learn that it is there. */
  isSecret: boolean;
  /** For the deployment's own people only. */
  isStaffs: boolean;
  /** A repeat under the same `Idempotency-Key` is the same request. */
  isKeyed: boolean;
  /** Its answer has an ETag. */
  isTagged: boolean;
}

/** What strangers may do to a group that they have heard of. */
const FOR_STRANGERS: ReadonlySet<string> = new Set([
  "post /conversations/{conversationId}/requests",
]);

/** Its signed URL is the only permission: a token gives none, and none is asked for. */
const SIGNED = "put /files/{fileId}/parts/{part}";

/** What a repeat answers afresh, or not a second time. */
const NOT_REPEATED: Readonly<Record<string, readonly string[]>> = {
  "post /files/presign": ["expiresAt", "url"],
  "post /files/upload": ["url", "downloadUrl", "thumbnailUrl"],
  "post /admin/api-keys": ["apiKey"],
};

const ROWS: Row[] = CONTRACTS.map((contract) => {
  const { method, path, access } = contract;
  const operation = `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`;
  const isForm = "form" in contract && contract.form !== undefined;
  const isJson = "body" in contract && contract.body !== undefined;
  const names =
    /:(conversationId|conversation_id|messageId|message_id|fileId|filename|broadcastId)/;
  return {
    operation,
    open: access === "open",
    body: isForm ? "form" : isJson ? "json" : null,
    isSecret:
      (access === "user" || access === "signed") &&
      names.test(path) &&
      !FOR_STRANGERS.has(operation) &&
      operation !== SIGNED,
    isStaffs: access === "staff" || access === "admin",
    isKeyed: Object.hasOwn(contract.headers ?? {}, "idempotency-key"),
    isTagged: contract.tagged === true || "ranged" in contract,
  };
});

let description: Description;
let world: World;
beforeAll(async () => {
  description = await Description.fetch();
  world = await makeWorld();
});

async function sampleOf(operation: string, about: World): Promise<Sample> {
  const sample = await SAMPLES[operation]?.(about);
  if (sample === undefined) throw new Error(`no sample for ${operation}`);
  return sample;
}

function ask(operation: string, { path, ...request }: Sample) {
  const [method = ""] = operation.split(" ");
  return api(method.toUpperCase(), path, request);
}

/** The data less these fields, at any depth. */
function without(fields: readonly string[], data: unknown): unknown {
  return JSON.parse(
    JSON.stringify(data, (name, value: unknown) => (fields.includes(name) ? undefined : value)),
  );
}

describe("the table", () => {
  const served = ROWS.map(({ operation }) => operation).toSorted();

  test("has every promised route", () => {
    expect(PROMISED.length).toBeGreaterThan(50);
    expect(new Set(PROMISED).size).toBe(PROMISED.length);
    expect(PROMISED.filter((operation) => !served.includes(operation))).toEqual([]);
  });

  test("is what the description describes and the samples are of", () => {
    expect(new Set(served).size).toBe(served.length);
    expect(description.operations().toSorted()).toEqual(served);
    expect(Object.keys(SAMPLES).toSorted()).toEqual(served);
  });

  test("has every route of the app, but for sockets and the bridge", () => {
    const outside = /^\/(?:socket|socket\.io|internal)(?:\/|$)|\/socket$|\*/;
    const routed = app.routes
      .filter(({ method, path }) => method !== "ALL" && !outside.test(path))
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect([...new Set(routed)].toSorted()).toEqual(served);
  });
});

test.each(ROWS)("$operation answers as the description says", async ({ operation }) => {
  const fresh = await makeWorld();
  const token = fresh.ada.accessToken;
  const answer = await ask(operation, { token, ...(await sampleOf(operation, fresh)) });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(400);
  expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  description.judge(operation, answer);
});

test.each(ROWS.filter(({ open }) => !open))(
  "$operation refuses no token",
  async ({ operation }) => {
    const { token: _theirs, path: whole, ...sample } = await sampleOf(operation, world);
    const path = operation === SIGNED ? whole.replace(/\?.*/, "") : whole;
    const answer = await ask(operation, { ...sample, path });
    expect(refusalOf(answer)).toEqual(problem(401, "INVALID_TOKEN"));
    expect(answer.body["requestId"]).toBe(answer.headers.get("x-request-id"));
    description.judge(operation, answer);
  },
);

test.each(ROWS.filter(({ isSecret }) => isSecret))(
  "$operation is NOT_FOUND for a stranger, FORBIDDEN when that is to join",
  async ({ operation }) => {
    const { accessToken: token } = await register("Mallory");
    const answer = await ask(operation, { ...(await sampleOf(operation, world)), token });
    const isJoin = operation.endsWith("/join");
    expect(refusalOf(answer)).toEqual(
      isJoin ? problem(403, "FORBIDDEN") : problem(404, "NOT_FOUND"),
    );
    description.judge(operation, answer);
  },
);

test.each(ROWS.filter(({ isStaffs }) => isStaffs))(
  "$operation is FORBIDDEN for a user",
  async ({ operation }) => {
    const token = world.ada.accessToken;
    const answer = await ask(operation, { ...(await sampleOf(operation, world)), token });
    expect(refusalOf(answer)).toEqual(problem(403, "FORBIDDEN"));
    description.judge(operation, answer);
  },
);

test.each(ROWS.filter(({ isKeyed }) => isKeyed))(
  "$operation answers a repeat under its Idempotency-Key like the first",
  async ({ operation }) => {
    const fresh = await makeWorld();
    const headers = { "idempotency-key": crypto.randomUUID() };
    const sample = { token: fresh.ada.accessToken, ...(await sampleOf(operation, fresh)), headers };
    const [first, again] = [await ask(operation, sample), await ask(operation, sample)];
    expect(first.status).toBeLessThan(300);
    expect(again.status).toBeLessThan(300);
    const lasting = ({ data }: ApiAnswer) => without(NOT_REPEATED[operation] ?? [], data);
    expect(lasting(again)).toEqual(lasting(first));
    const other = { "idempotency-key": "k".repeat(LIMITS.clientMessageIdChars + 1) };
    const refused = await ask(operation, { ...sample, headers: other });
    expect(refusalOf(refused)).toEqual(problem(400, "INVALID_DATA"));
    description.judge(operation, refused);
  },
);

test.each(ROWS.filter(({ isTagged }) => isTagged))(
  "$operation answers 304 to whoever has it already",
  async ({ operation }) => {
    const sample = { token: world.ada.accessToken, ...(await sampleOf(operation, world)) };
    const tag = (await ask(operation, sample)).headers.get("etag") ?? "none";
    expect(tag).toMatch(/^(?:W\/)?"[^"]+"$/);
    const askWith = (known: string) =>
      ask(operation, { ...sample, headers: { "if-none-match": known } });
    const known = await askWith(`"other", ${tag}`);
    expect({ status: known.status, body: known.body }).toEqual({ status: 304, body: {} });
    description.judge(operation, known);
    expect((await askWith('"other"')).status).toBe(200);
  },
);

test("there are many routes of every kind", () => {
  expect(ROWS.filter(({ open }) => !open).length).toBeGreaterThan(85);
  expect(ROWS.filter(({ isSecret }) => isSecret).length).toBeGreaterThan(45);
  expect(ROWS.filter(({ isStaffs }) => isStaffs).length).toBeGreaterThan(12);
  expect(ROWS.filter(({ isKeyed }) => isKeyed).length).toBeGreaterThan(25);
  expect(ROWS.filter(({ isTagged }) => isTagged).length).toBeGreaterThan(10);
  expect(ROWS.filter(({ body }) => body !== null).length).toBeGreaterThan(30);
});

describe.each(ROWS.filter(({ body }) => body !== null))(
  "$operation",
  ({ operation, body: kind }) => {
    test.each(["{", "[]", "null", '"text"', "7", '{"":{}'])("refuses the body %s", async (body) => {
      const token = world.ada.accessToken;
      const answer = await ask(operation, { token, ...(await sampleOf(operation, world)), body });
      expect(answer.status).toBe(400);
      expect(["INVALID_DATA", "MISSING_DATA"]).toContain(answer.body["code"]);
      expect([answer.body["errors"]].flat()).toContainEqual({
        field: expect.any(String),
        problem: expect.any(String),
      });
      description.judge(operation, answer);
    });

    test("refuses an oversized body", async () => {
      const token = world.ada.accessToken;
      // a form is refused by what it announces: nobody sends a hundred megabytes to be told
      const oversized =
        kind === "form"
          ? { headers: { "content-length": `${LIMITS.formBytes + 1}` } }
          : { body: { padding: "x".repeat(LIMITS.bodyBytes) } };
      const answer = await ask(operation, {
        token,
        ...(await sampleOf(operation, world)),
        ...oversized,
      });
      expect(refusalOf(answer)).toEqual(problem(413, "TOO_LARGE"));
      description.judge(operation, answer);
    });
  },
);
