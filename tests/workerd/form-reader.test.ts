import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { readForm } from "../../worker/files/form-reader.ts";

type Part = { name: string; value: Uint8Array; fileName?: string };

/** A form's bytes as a client writes them, cut into chunks of any length on their way. */
function formRequest(parts: readonly Part[], boundary: string, chunks: readonly number[]): Request {
  const pieces = parts.flatMap(({ name, value, fileName }) => {
    const file =
      fileName === undefined ? "" : `; filename="${fileName}"\r\ncontent-type: text/plain`;
    const header = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`;
    return [header, value, "\r\n"];
  });
  const bytes = new Blob([...pieces, `--${boundary}--\r\n`]);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const write = async () => {
    const writer = writable.getWriter();
    const all = new Uint8Array(await bytes.arrayBuffer());
    for (let at = 0, turn = 0; at < all.length; turn++) {
      const length = chunks[turn % chunks.length] ?? 1;
      await writer.write(all.slice(at, at + length));
      at += length;
    }
    await writer.close();
  };
  // whoever stops reading makes the rest of the writing fail, and nobody waits for it
  write().catch(() => undefined);
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  return new Request("https://edge.test", { method: "POST", headers, body: byteStream(readable) });
}

/** A request's body from outside can be read into a buffer; a stream made here has to be told so. */
function byteStream(source: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream();
  source.pipeTo(writable).catch(() => undefined);
  return readable;
}

async function readAll(request: Request): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of readForm(request)) {
    if (part.type === "field") {
      parts.push({ name: part.name, value: new TextEncoder().encode(part.value) });
      continue;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of part.body) chunks.push(chunk.slice());
    const value = new Uint8Array(await new Blob(chunks).arrayBuffer());
    parts.push({ name: part.name, value, fileName: part.fileName });
  }
  return parts;
}

/** Bytes that look like the beginning of a boundary, in every way they can. */
const nasty = fc
  .array(fc.constantFrom("\r", "\n", "-", "--", "\r\n", "\r\n--", "\r\n--bound", "bound", "x"), {
    maxLength: 40,
  })
  .map((pieces) => new TextEncoder().encode(pieces.join("")));
const names = fc.stringMatching(/^[a-zA-Z]{1,10}$/);
const files = fc.record({
  name: names,
  value: fc.oneof(nasty, fc.uint8Array({ maxLength: 2_000 })),
  fileName: fc.stringMatching(/^[a-z.]{1,12}$/),
});
const fields = fc.record({
  name: names,
  value: fc.stringMatching(/^[ -~]{0,60}$/).map((text) => new TextEncoder().encode(text)),
});

test("whatever a form holds and however it is cut, what comes out is what went in", async () => {
  const forms = fc.array(fc.oneof(files, fields), { minLength: 1, maxLength: 6 });
  const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(forms, cuts, async (parts, chunks) => {
      const found = await readAll(formRequest(parts, "boundary7MA4YWxk", chunks));
      expect(found).toEqual(parts);
    }),
    { numRuns: 200 },
  );
});

test("a file larger than the buffer comes whole", async () => {
  const value = new Uint8Array(700_000).map((_, at) => at % 251);
  const [part] = await readAll(
    formRequest([{ name: "file", value, fileName: "f" }], "b", [65_536, 1, 100_000]),
  );
  expect(part?.value).toEqual(value);
});

test("a field, a header and a number of parts over their bounds are refused", async () => {
  const long = (value: Uint8Array) => readAll(formRequest([{ name: "a", value }], "b", [9_999]));
  await expect(long(new Uint8Array(LIMITS.formFieldBytes + 1))).rejects.toMatchObject({
    refusal: { code: "TOO_LARGE" },
  });
  const name = "x".repeat(9_000);
  const header = readAll(formRequest([{ name, value: new Uint8Array() }], "b", [9_999]));
  await expect(header).rejects.toMatchObject({ refusal: { code: "TOO_LARGE" } });
  const many = Array.from({ length: LIMITS.formFields + 2 }, () => ({
    name: "a",
    value: new Uint8Array(),
  }));
  await expect(readAll(formRequest(many, "b", [9_999]))).rejects.toMatchObject({
    refusal: { code: "INVALID_DATA" },
  });
});
