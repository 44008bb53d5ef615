import { beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { BYTE_CONTRACTS } from "../../worker/api/byte-contracts.ts";
import { ROUTES } from "../../worker/api/route-table.ts";
import { api, problem, refusalOf, register } from "./support/api.ts";
import { Description } from "./support/description.ts";
import { makeWorld, SAMPLES, type Sample, type World } from "./support/samples.ts";

interface Row {
  operation: string;
  open: boolean;
  hasBody: boolean;
  /** About a conversation or a message: a stranger must not learn that it is there. */
  isSecret: boolean;
  /** For the deployment's own people only. */
  isStaffs: boolean;
}

/** What strangers may do to a group that they have heard of. */
const FOR_STRANGERS: ReadonlySet<string> = new Set([
  "post /conversations/{conversationId}/requests",
]);

function operationOf({ method, path }: { method: string; path: string }): string {
  return `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`;
}

const ROWS: Row[] = ROUTES.map(({ contract }) => ({
  operation: operationOf(contract),
  open: contract.access === "open",
  hasBody: contract.body !== undefined,
  isSecret:
    /:(conversation|message|file)(Id|_id)/.test(contract.path) && contract.access === "user",
  isStaffs: contract.access === "staff" || contract.access === "admin",
}));

/** Described beside the table; files-description.test.ts holds them to it. */
const OF_BYTES = BYTE_CONTRACTS.map(operationOf);

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

test("the description and the samples know the same routes, and there are many", () => {
  const served = ROWS.map(({ operation }) => operation).toSorted();
  expect(new Set(served).size).toBe(served.length);
  expect(served.length).toBeGreaterThan(30);
  expect(description.operations().toSorted()).toEqual([...served, ...OF_BYTES].toSorted());
  expect(Object.keys(SAMPLES).toSorted()).toEqual(served);
});

test.each(ROWS)("$operation answers as the description says", async ({ operation }) => {
  const fresh = await makeWorld();
  const token = fresh.ada.accessToken;
  const answer = await ask(operation, { token, ...(await sampleOf(operation, fresh)) });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  description.judge(operation, answer);
});

test.each(ROWS.filter(({ open }) => !open))(
  "$operation refuses no token",
  async ({ operation }) => {
    const { token: _theirs, ...sample } = await sampleOf(operation, world);
    const answer = await ask(operation, sample);
    expect(refusalOf(answer)).toEqual(problem(401, "INVALID_TOKEN"));
    description.judge(operation, answer);
  },
);

test.each(ROWS.filter((row) => row.isSecret && !FOR_STRANGERS.has(row.operation)))(
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

describe.each(ROWS.filter(({ hasBody }) => hasBody))("$operation", ({ operation }) => {
  test.each(["{", "[]", "null", '"text"', "7", '{"":{}'])("refuses the body %s", async (body) => {
    const token = world.ada.accessToken;
    const answer = await ask(operation, { token, ...(await sampleOf(operation, world)), body });
    expect(answer.status).toBe(400);
    expect(["INVALID_DATA", "MISSING_DATA"]).toContain(answer.body["code"]);
    description.judge(operation, answer);
  });

  test("refuses an oversized body", async () => {
    const token = world.ada.accessToken;
    const body = { padding: "x".repeat(LIMITS.bodyBytes) };
    const answer = await ask(operation, { token, ...(await sampleOf(operation, world)), body });
    expect(refusalOf(answer)).toEqual(problem(413, "TOO_LARGE"));
    description.judge(operation, answer);
  });
});
