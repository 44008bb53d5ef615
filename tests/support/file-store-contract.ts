import { describe, expect, test } from "vitest";
import type { FileStore } from "../../edge/files/file-store.ts";
import { deleteAll } from "../../edge/files/file-store.ts";

const PART = 5 * 1_048_576;
/** More than one page of every store. */
const MANY = 1_005;

/** What every store of files promises, whatever is behind it. Keys are the suite's own, so a store may be shared. */
export function fileStoreContract(openStore: () => FileStore): void {
  const prefix = () => `f/contract-${crypto.randomUUID()}/1/`;

  describe("objects", () => {
    test("what put stored is there, byte for byte", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      const bytes = randomBytes(100_000);
      const put = await store.put(key, bytes, "image/png");
      expect(put.size).toBe(bytes.length);
      expect(await store.head(key)).toEqual(put);
      const { body, ...object } = required(await store.get(key));
      expect(object).toEqual(put);
      expect(await read(body)).toEqual(bytes);
    });

    test("an empty object is one too", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      await store.put(key, new Uint8Array(), "text/plain");
      expect(await store.head(key)).toMatchObject({ size: 0 });
      expect(await read(required(await store.get(key)).body)).toEqual(new Uint8Array());
    });

    test("a later put replaces, and its etag is another", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      const first = await store.put(key, bytesOf("one"), "text/plain");
      const second = await store.put(key, bytesOf("other"), "text/plain");
      expect(second.etag).not.toBe(first.etag);
      expect(await store.head(key)).toEqual(second);
    });

    test("what is not there is null", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      expect(await store.head(key)).toBeNull();
      expect(await store.get(key)).toBeNull();
      expect(await store.get(key, { range: { offset: 0, length: 1 } })).toBeNull();
    });

    test("a range is those bytes, and the size is still the whole object's", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      const bytes = randomBytes(1_000);
      await store.put(key, bytes, "text/plain");
      for (const [offset, length] of [
        [0, 1],
        [0, 1_000],
        [999, 1],
        [17, 500],
      ] as const) {
        const part = required(await store.get(key, { range: { offset, length } }));
        expect(part.size).toBe(1_000);
        expect(await read(part.body)).toEqual(bytes.subarray(offset, offset + length));
      }
    });

    test("an etag pins the bytes: others under the same key are as good as none", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      const { etag } = await store.put(key, bytesOf("one"), "text/plain");
      expect(await read(required(await store.get(key, { etag })).body)).toEqual(bytesOf("one"));
      await store.put(key, bytesOf("two"), "text/plain");
      expect(await store.get(key, { etag })).toBeNull();
      expect(await store.get(key, { etag, range: { offset: 0, length: 1 } })).toBeNull();
    });

    test("delete removes, and does so again", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      await store.put(key, bytesOf("x"), "text/plain");
      await store.delete(key);
      await store.delete(key);
      expect(await store.head(key)).toBeNull();
    });

    test("keys hold what conversation ids hold", async () => {
      const store = openStore();
      const key = `${prefix()}a~20b_c~C3~A9-d/${"x".repeat(200)}/7/original`;
      await store.put(key, bytesOf("x"), "text/plain");
      expect(await store.head(key)).toMatchObject({ size: 1 });
      const { objects } = await store.list(key);
      expect(objects.map((object) => object.key)).toEqual([key]);
    });
  });

  describe("lists", () => {
    test("name every object under the prefix once, over all pages, and no other", async () => {
      const [store, mine, others] = [openStore(), prefix(), prefix()];
      await store.put(`${others}original`, bytesOf("x"), "text/plain");
      const keys = Array.from({ length: MANY }, (_, n) => `${mine}${String(n).padStart(4, "0")}`);
      await inBatches(keys, (key) => store.put(key, bytesOf("xy"), "text/plain"));
      const found = [];
      let pages = 0;
      for (let cursor: string | undefined; ;) {
        const page = await store.list(mine, cursor);
        found.push(...page.objects);
        pages++;
        if (page.cursor === null) break;
        cursor = page.cursor;
      }
      expect(pages).toBeGreaterThan(1);
      expect(found.map(({ key }) => key)).toEqual(keys);
      expect(found[0]?.size).toBe(2);
      expect(Math.abs((found[0]?.uploadedAt ?? 0) - Date.now())).toBeLessThan(600_000);
      await deleteAll(store, mine);
      expect(await store.list(mine)).toEqual({ objects: [], cursor: null });
      expect(await store.head(`${others}original`)).toMatchObject({ size: 1 });
    });
  });

  describe("uploads in parts", () => {
    test("become one object, in the order of the parts whatever order they came in", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      const [first, last] = [randomBytes(PART), randomBytes(1_234)];
      const upload = await store.startUpload(key, "video/mp4");
      const two = await store.putPart(upload, 2, last);
      const one = await store.putPart(upload, 1, first);
      expect(await store.head(key)).toBeNull();
      const object = required(await store.finishUpload(upload, [one, two]));
      expect(object.size).toBe(PART + 1_234);
      expect(await store.head(key)).toEqual(object);
      const tail = { offset: PART - 10, length: 20 };
      const read10 = await read(required(await store.get(key, { range: tail })).body);
      expect(read10).toEqual(
        Uint8Array.from([...first.subarray(PART - 10), ...last.subarray(0, 10)]),
      );
    });

    test("a part that comes again replaces itself", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      const upload = await store.startUpload(key, "text/plain");
      await store.putPart(upload, 1, bytesOf("cut o"));
      const again = await store.putPart(upload, 1, bytesOf("whole"));
      await store.finishUpload(upload, [again]);
      expect(await read(required(await store.get(key)).body)).toEqual(bytesOf("whole"));
    });

    test("the list, where there is one, names the parts", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      const upload = await store.startUpload(key, "text/plain");
      const parts = [await store.putPart(upload, 1, bytesOf("x"))];
      const listed = await store.listParts(upload);
      if (listed !== null) expect(listed).toEqual(parts);
      await store.abortUpload(upload);
      expect((await store.listParts(upload)) ?? []).toEqual([]);
    });

    test("abort forgets them, and does so again; nothing can be finished after it", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      const upload = await store.startUpload(key, "text/plain");
      const part = await store.putPart(upload, 1, bytesOf("x"));
      await store.abortUpload(upload);
      await store.abortUpload(upload);
      expect(await store.finishUpload(upload, [part])).toBeNull();
      expect(await store.head(key)).toBeNull();
      await expect(store.putPart(upload, 1, bytesOf("x"))).rejects.toMatchObject({
        name: "FileStoreError",
        code: "UNAVAILABLE",
      });
    });

    test("an upload with another's parts is refused, and makes no object", async () => {
      const [store, key] = [openStore(), `${prefix()}original`];
      const upload = await store.startUpload(key, "text/plain");
      await store.putPart(upload, 1, bytesOf("x"));
      const wrong = [{ part: 1, etag: "0123456789abcdef0123456789abcdef" }];
      await expect(store.finishUpload(upload, wrong)).rejects.toThrow(/finishUpload/);
      expect(await store.head(key)).toBeNull();
    });
  });
}

async function inBatches<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < items.length; at += 50) {
    await Promise.all(items.slice(at, at + 50).map(act));
  }
}

async function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `getRandomValues` gives at most 65,536 at a time. */
function randomBytes(count: number): Uint8Array {
  const block = crypto.getRandomValues(new Uint8Array(Math.min(count, 65_536)));
  return Uint8Array.from(
    { length: count },
    (_, index) => (block[index % 65_521] ?? 0) ^ (index >> 16),
  );
}

function required<T>(value: T | null): T {
  if (value === null) throw new Error("there should be one");
  return value;
}
