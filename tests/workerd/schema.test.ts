import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { ConversationState } from "../../durable-objects/conversation/conversation-state.ts";
import { messageChange } from "../../durable-objects/conversation/sending.ts";
import { applySchema, type SchemaStep } from "../../durable-objects/storage/schema.ts";
import { asMember } from "../support/changes.ts";
import { OLD_ROWS } from "./support/old-rows.ts";

/** What Vite makes of a pattern: path → text. Its arguments must be literals. */
declare global {
  interface ImportMeta {
    glob(pattern: string, options: object): Record<string, string>;
  }
}

/** Every object's schema as the files in migrations/ have it, in their order. */
const SCHEMAS = {
  conversation: stepsOf(
    import.meta.glob("../../migrations/conversation/*.sql", { eager: true, import: "default" }),
  ),
  inbox: stepsOf(
    import.meta.glob("../../migrations/inbox/*.sql", { eager: true, import: "default" }),
  ),
  outbox: stepsOf(
    import.meta.glob("../../migrations/outbox/*.sql", { eager: true, import: "default" }),
  ),
  broadcast: stepsOf(
    import.meta.glob("../../migrations/broadcast/*.sql", { eager: true, import: "default" }),
  ),
};
const NAMESPACES = {
  conversation: env.CONVERSATION,
  inbox: env.INBOX,
  outbox: env.OUTBOX,
  broadcast: env.BROADCAST,
};
const CLASSES = ["conversation", "inbox", "outbox", "broadcast"] as const;

function stepsOf(files: Record<string, string>): SchemaStep[] {
  return Object.entries(files)
    .map(([path, sql]) => ({ id: path.replace(/^.*\/(.+)\.sql$/, "$1"), sql }))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

/** Hands out the storage of an object nobody else uses. */
function withStorage<T>(
  of: (typeof CLASSES)[number],
  use: (storage: DurableObjectStorage) => T | Promise<T>,
): Promise<T> {
  const stub: DurableObjectStub = NAMESPACES[of].getByName(crypto.randomUUID());
  return runInDurableObject(stub, (_object: DurableObject, { storage }) => use(storage));
}

function rowsOf(storage: DurableObjectStorage, table: string) {
  return storage.sql.exec(`SELECT * FROM ${table} ORDER BY 1`).toArray();
}

describe.each(CLASSES)("the schema of %s", (of) => {
  const steps = SCHEMAS[of];

  test("is applied by its object, every file of it", async () => {
    expect(steps.length).toBeGreaterThan(0);
    const applied = await withStorage(of, (storage) => rowsOf(storage, "schema_step"));
    expect(applied).toEqual(steps.map(({ id }) => ({ id })));
  });

  test("comes to the same tables from every older database, and keeps its rows", async () => {
    for (let old = 1; old <= steps.length; old++) {
      await withStorage(of, async (storage) => {
        const tables = () =>
          storage.sql
            .exec(
              "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
            )
            .toArray();
        const wanted = tables();
        await storage.deleteAll();
        applySchema(storage, steps.slice(0, old));
        const rows = OLD_ROWS[of];
        for (const insert of Object.values(rows)) storage.sql.exec(insert);
        const before = Object.keys(rows).map((table) => rowsOf(storage, table));
        expect(before.every(({ length }) => length > 0)).toBe(true);
        applySchema(storage, steps);
        expect(tables()).toEqual(wanted);
        // columns may be added, none of the old values may change
        for (const [index, table] of Object.keys(rows).entries()) {
          expect(rowsOf(storage, table)).toMatchObject(before[index] ?? []);
        }
      });
    }
  });
});

test("a conversation of the first schema is read by today's code", async () => {
  await withStorage("conversation", async (storage) => {
    await storage.deleteAll();
    applySchema(storage, SCHEMAS.conversation.slice(0, 1));
    for (const insert of Object.values(OLD_ROWS.conversation)) storage.sql.exec(insert);
    applySchema(storage, SCHEMAS.conversation);
    const state = new ConversationState(storage);
    expect(state.founded).toMatchObject({
      charter: { conversationId: "old", epoch: "epoch-1", createdAt: 10 },
      profile: { name: "Old" },
    });
    expect(state.head).toBe(2);
    expect(state.members.page(10).map(({ userId }) => userId)).toEqual(["alice", "bob"]);
    expect(state.log.find("alice", "k1")).toEqual({ seq: 1, at: 11 });
    const append = {
      actor: asMember("bob"),
      changes: [messageChange("k3", { type: "TEXT", content: "three" })] as const,
    };
    expect(state.append([append], 5).outcomes).toEqual([
      { ok: true, value: [{ seq: 3, at: 12, repeated: false }] },
    ]);
  });
});

test("[LIV-6] an Inbox from before blocks held in groups has them to tell, and looks after it soon", async () => {
  const settingsAfter = (...rows: string[]) =>
    withStorage("inbox", async (storage) => {
      await storage.deleteAll();
      applySchema(storage, SCHEMAS.inbox.slice(0, 6));
      for (const row of rows) storage.sql.exec(`INSERT INTO ${row}`);
      applySchema(storage, SCHEMAS.inbox);
      return rowsOf(storage, "setting");
    });
  const asked = "setting VALUES ('reconciledAt', 10)";
  const blocked = "blocked (user_id, at) VALUES ('eve', 10)";
  expect(await settingsAfter(asked, blocked)).toEqual([{ key: "invisible", value: 2 }]);
  const invisible = "setting VALUES ('invisible', 3)";
  expect(await settingsAfter(invisible, blocked)).toEqual([{ key: "invisible", value: 5 }]);
  expect(await settingsAfter(asked)).toEqual([{ key: "reconciledAt", value: 10 }]);
});

describe("applying steps", () => {
  const one = { id: "0001_one", sql: "CREATE TABLE one (id INTEGER PRIMARY KEY)" };
  const two = { id: "0002_two", sql: "CREATE TABLE two (id INTEGER PRIMARY KEY)" };
  const broken = {
    id: "0003_broken",
    sql: "CREATE TABLE three (id); INSERT INTO nowhere VALUES (1)",
  };

  async function onEmpty(use: (storage: DurableObjectStorage) => void): Promise<void> {
    await withStorage("inbox", async (storage) => {
      await storage.deleteAll();
      use(storage);
    });
  }

  test("each is applied once, also when asked again", () =>
    onEmpty((storage) => {
      applySchema(storage, [one]);
      storage.sql.exec("INSERT INTO one VALUES (7)");
      applySchema(storage, [one, two]);
      applySchema(storage, [one, two]);
      expect(rowsOf(storage, "one")).toEqual([{ id: 7 }]);
      expect(rowsOf(storage, "schema_step")).toEqual([{ id: one.id }, { id: two.id }]);
    }));

  test.each([
    ["a step that was renamed", [{ ...one, id: "0001_uno" }, two]],
    ["a step put in front of an applied one", [{ id: "0000_zero", sql: "" }, one, two]],
    ["a step that was taken out", [two]],
    ["code older than the database", [one]],
  ])("%s is refused, and nothing is changed", (_name, edited) =>
    onEmpty((storage) => {
      applySchema(storage, [one, two]);
      expect(() => applySchema(storage, edited)).toThrow(/not a prefix/);
      expect(rowsOf(storage, "schema_step")).toEqual([{ id: one.id }, { id: two.id }]);
    }),
  );

  test("a step that fails leaves nothing of itself, and those before it stand", () =>
    onEmpty((storage) => {
      expect(() => applySchema(storage, [one, two, broken])).toThrow(/nowhere/);
      expect(rowsOf(storage, "schema_step")).toEqual([{ id: one.id }, { id: two.id }]);
      expect(() => rowsOf(storage, "three")).toThrow(/three/);
      applySchema(storage, [one, two]);
    }));
});
