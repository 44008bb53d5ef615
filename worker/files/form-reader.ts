import { parse } from "content-disposition";
import { refusal } from "../../protocol/error-codes.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { RefusedError } from "../../edge/refused-error.ts";
import { DelimitedBytes } from "./delimited-bytes.ts";

/**
 * One part of a form. The body of a file has to be read before the next part is asked for, and each of its chunks before
 * the next chunk.
 */
export type FormPart =
  | { type: "field"; name: string; value: string }
  | {
      type: "file";
      name: string;
      fileName: string;
      mimeType: string;
      body: AsyncIterable<Uint8Array>;
    };

const BOUNDARY =
  /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i;
const HEADER_BYTES = 8_192;

/**
 * Reads multipart/form-data (RFC 7578) as it arrives. The runtime's own `formData()`, and every parser on web streams that
 * was tried, holds whole files in memory; what there is else needs Node's streams.
 */
export async function* readForm(request: Request): AsyncGenerator<FormPart> {
  const match = BOUNDARY.exec(request.headers.get("content-type") ?? "");
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined || request.body === null) {
    throw malformed("the body is not multipart/form-data");
  }
  const delimiter = encoded(`\r\n--${boundary}`);
  // the first delimiter has no line in front of it
  const bytes = new DelimitedBytes(request.body, encoded("\r\n"));
  await drain(bytes.until(delimiter));
  for (let count = 0; await hasPart(bytes); count++) {
    if (count > LIMITS.formFields)
      throw malformed(`a form has at most ${LIMITS.formFields} fields`);
    const header = parseHeader(await collect(bytes.until(encoded("\r\n\r\n")), HEADER_BYTES));
    const body = bytes.until(delimiter);
    if (header.fileName === null) {
      const value = new TextDecoder().decode(await collect(body, LIMITS.formFieldBytes));
      yield { type: "field", name: header.name, value };
    } else {
      yield { type: "file", ...header, fileName: header.fileName, body };
      await drain(body);
    }
  }
}

/** After a delimiter comes a line's end and a part, or `--` and the end. */
async function hasPart(bytes: DelimitedBytes): Promise<boolean> {
  const mark = new TextDecoder("latin1").decode(await bytes.take(2));
  if (mark === "--") return false;
  if (mark !== "\r\n") throw malformed("a boundary is not followed by a line's end");
  return true;
}

function parseHeader(bytes: Uint8Array): {
  name: string;
  fileName: string | null;
  mimeType: string;
} {
  const lines = new TextDecoder().decode(bytes).split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const { type, parameters } = parse(headers.get("content-disposition") ?? "", { multipart: true });
  const name = parameters["name"];
  if (type !== "form-data" || name === undefined) throw malformed("a part has no name");
  return {
    name,
    fileName: parameters["filename"] ?? null,
    mimeType: headers.get("content-type") ?? "",
  };
}

async function collect(stream: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > most)
      throw new RefusedError(refusal("TOO_LARGE", `a field is at most ${most} bytes`));
    chunks.push(chunk.slice()); // holds only until the next step
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function malformed(message: string): RefusedError {
  const problems = [{ field: "", problem: message }];
  return new RefusedError(refusal("INVALID_DATA", message, problems));
}
