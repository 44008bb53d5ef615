import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { PERMISSIONS } from "../core/permissions.ts";
import { clientFrameSchema } from "./client-frames.ts";
import { CLOSE_CODES, isReconnectable } from "./close-codes.ts";
import { ERROR_CODES } from "./error-codes.ts";
import { readerEventSchema } from "./event.ts";
import { LIMITS } from "./limits.ts";
import { ROLES } from "./member.ts";
import { bridgeFrameSchema, shardFrameSchema } from "./outbox-frames.ts";
import { serverFrameSchema } from "./server-frames.ts";
import { PROTOCOL_VERSION } from "./version.ts";

/** The documents say what the code does: their tables, their rule numbers and the files they name. */

const REPO = path.resolve(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(REPO, file), "utf8");
const protocol = read("docs/protocol.md");

/** The cells of the first table after `mark`, without the marks of code. */
function tableAfter(mark: string): string[][] {
  const from = protocol.indexOf(mark);
  expect(from, mark).toBeGreaterThan(-1);
  const lines = protocol.slice(from).split("\n");
  const start = lines.findIndex((line) => line.trim().startsWith("|"));
  const end = lines.findIndex((line, index) => index > start && !line.trim().startsWith("|"));
  return lines
    .slice(start + 2, end)
    .map((line) => line.trim().slice(1, -1).split("|"))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll("`", "")));
}

describe("tables of docs/protocol.md", () => {
  test("limits", () => {
    const documented = tableAfter("## Limits").map(([name, value = ""]) => {
      return [name, Number(value.replaceAll(",", ""))];
    });
    expect(documented).toEqual(Object.entries(LIMITS));
  });

  test("error codes", () => {
    const documented = tableAfter("## Errors").map(([code, status, close, retryable]) => {
      return [code, { status: Number(status), close: Number(close), retryable: yes(retryable) }];
    });
    expect(documented).toEqual(Object.entries(ERROR_CODES));
  });

  test("[CLS-1] close codes, and which of them mean reconnect", () => {
    const documented = tableAfter("## Close codes").map(([name, code, reconnect]) => {
      return [name, Number(code), yes(reconnect)];
    });
    const coded = Object.entries(CLOSE_CODES).map(([name, code]) => {
      return [name, code, isReconnectable(code)];
    });
    expect(documented).toEqual(coded);
  });

  test("[MEM-2] permissions", () => {
    const documented = tableAfter("**MEM-2.**").map(([permission, ...cells]) => [
      permission,
      Object.fromEntries(ROLES.map((role, index) => [role, yes(cells[index])])),
    ]);
    expect(documented).toEqual(Object.entries(PERMISSIONS));
  });

  test("[VER-1] the version", () => {
    expect(protocol).toMatch(
      new RegExp(`^# The native protocol, version ${PROTOCOL_VERSION}$`, "m"),
    );
    expect(tableAfter("## Versions").at(-1)?.[0]).toBe(`${PROTOCOL_VERSION}`);
  });

  test.each([
    { mark: "Frames that a client sends:", options: clientFrameSchema.options, implied: ["type"] },
    {
      mark: "Frames that the server sends:",
      options: serverFrameSchema.options,
      implied: ["type"],
    },
    {
      mark: "The events that readers get:",
      options: readerEventSchema.options,
      implied: ["type", "seq", "at"],
    },
    {
      mark: "The frames of this wire:",
      options: [...shardFrameSchema.options, ...bridgeFrameSchema.options],
      implied: ["type"],
    },
  ])("fields, after: $mark", ({ mark, options, implied }) => {
    const coded = options.map(({ entries }) => {
      const fields = Object.entries(entries).filter(([name]) => !implied.includes(name));
      return [
        entries.type.literal,
        fields.map(([name, { type }]) => (type === "optional" ? `${name}?` : name)),
      ];
    });
    const documented = tableAfter(mark)
      .map((cells) => [cells[0], fieldsIn(cells.find((cell, index) => index > 0 && !isPeer(cell)))])
      // answered by the platform, so no frame that the server reads (LIV-1)
      .filter(([type]) => type !== "ping");
    expect(documented).toEqual(coded);
  });
});

/** `a, b? (told more of), c` as a list; a dash stands for none. */
function fieldsIn(cell = ""): string[] {
  const bare = cell.replaceAll(/\([^)]*\)/g, "").replaceAll("–", "");
  return bare
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function isPeer(cell: string): boolean {
  return cell === "shard" || cell === "bridge";
}

function yes(cell: string | undefined): boolean {
  expect(cell).toMatch(/^(yes|no)$/);
  return cell === "yes";
}

const SOURCES = [
  "protocol",
  "core",
  "worker",
  "durable-objects",
  "bridge",
  "client",
  "web",
  "scripts",
  "tests",
  "bench",
  "migrations",
];
const RULE = /\b(?!SHA-|UTF-|ISO-|AES-)([A-Z]{2,4})-([0-9]{1,2})\b/g;
/** As a test names it: at the start of its title. */
const IN_TITLE = /\[([A-Z]{2,4}-[0-9]+)\]/g;
const RANGE = /\b([A-Z]{2,4})-([0-9]+) to \1-([0-9]+)\b/g;

function filesIn(folder: string, ...endings: string[]): string[] {
  return readdirSync(path.join(REPO, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => path.join(folder, name));
}

/** Every rule that a file names, those inside of ranges too. */
function rulesNamedIn(file: string): string[] {
  const text = read(file);
  const named = [...text.matchAll(RULE)].map(([rule]) => rule);
  for (const [, prefix, from, to] of text.matchAll(RANGE)) {
    for (let n = Number(from); n <= Number(to); n++) named.push(`${prefix}-${n}`);
  }
  return named;
}

describe("rules", () => {
  const documents = filesIn("docs", ".md");
  const written = documents.flatMap((file) =>
    [...read(file).matchAll(/^- \*\*([A-Z]{2,4}-[0-9]+)\.\*\*/gm)].map(([, rule]) => rule),
  );
  const sources = SOURCES.flatMap((folder) => filesIn(folder, ".ts", ".sql"));

  test("each has one place", () => {
    expect(written.length).toBeGreaterThan(60);
    expect(written).toEqual([...new Set(written)]);
  });

  test("those that code, tests and documents name are written", () => {
    const missing = [...sources, ...documents, "README.md", "CONTRIBUTING.md"].flatMap((file) =>
      rulesNamedIn(file)
        .filter((rule) => !written.includes(rule))
        .map((rule) => `${rule} in ${file}`),
    );
    expect(missing).toEqual([]);
  });

  test("those that are written have a test that names them", () => {
    const tests = sources.filter((file) => file.endsWith(".test.ts"));
    const tested = new Set(
      tests.flatMap((file) => [...read(file).matchAll(IN_TITLE)].map(([, rule]) => rule)),
    );
    expect(written.filter((rule) => !tested.has(rule))).toEqual([]);
  });
});
