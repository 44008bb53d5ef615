import * as v from "valibot";
import { ERROR_CODES, type ErrorCode } from "../protocol/error-codes.ts";
import { BadAnswerError, NetworkError, RefusedError } from "./errors.ts";
import { problemSchema } from "./rest-answers.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** One request of the REST surface. `query` leaves out what is undefined. */
export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  /** Goes as `Idempotency-Key`. */
  key?: string;
  token?: string | undefined;
}

/** Carries a request to its answer and tells how many bytes of its body have left, as far as the way there can say. */
export type Carry = (
  url: string,
  init: RequestInit,
  sent: (bytes: number) => void,
) => Promise<Response>;

/** What came back; `status` is one of success. */
export interface Answer<T> {
  status: number;
  data: T;
}

/** Longer than the edge itself waits for its objects, so its answer, even a failure, comes first. */
const REQUEST_WITHIN_MS = 20_000;

/**
 * Asks once and reads the answer by `schema`. Throws a `RefusedError` for the server's no, a `NetworkError` when no
 * answer came, a `BadAnswerError` for one that is not the protocol's.
 */
export async function request<Schema extends v.GenericSchema>(
  fetch: Fetch,
  baseUrl: string,
  what: HttpRequest,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  return (await answerOf(fetch, baseUrl, what, schema)).data;
}

/** The same for those to whom the status says something. */
export async function answerOf<Schema extends v.GenericSchema>(
  fetch: Fetch,
  baseUrl: string,
  { method, path, query, body, key, token }: HttpRequest,
  schema: Schema,
): Promise<Answer<v.InferOutput<Schema>>> {
  const url = new URL(path, baseUrl);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers = new Headers();
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  if (body !== undefined) headers.set("content-type", "application/json");
  if (key !== undefined) headers.set("idempotency-key", key);
  const init: RequestInit = { method, headers, signal: AbortSignal.timeout(REQUEST_WITHIN_MS) };
  if (body !== undefined) init.body = JSON.stringify(body);
  return answerTo(fetch, url.href, init, schema);
}

/** The answer to a request as it stands: it takes as long as its signal lets it. */
export async function answerTo<Schema extends v.GenericSchema>(
  fetch: Fetch,
  url: string,
  init: RequestInit,
  schema: Schema,
): Promise<Answer<v.InferOutput<Schema>>> {
  const { response, text } = await exchange(fetch, url, init);
  if (!response.ok) throw toRefusedError(response, parseJson(text));
  return { status: response.status, data: read(parseJson(text), schema) };
}

async function exchange(
  fetch: Fetch,
  url: string,
  init: RequestInit,
): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(url, init);
    return { response, text: await response.text() };
  } catch (error) {
    throw new NetworkError(error);
  }
}

function parseJson(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Some routes answer bare, some in the envelope `{success, data}`. */
function read<Schema extends v.GenericSchema>(
  json: unknown,
  schema: Schema,
): v.InferOutput<Schema> {
  const envelope = v.safeParse(envelopeSchema, json);
  const parsed = v.safeParse(schema, envelope.success ? envelope.output.data : json);
  if (!parsed.success) throw new BadAnswerError("an answer of another shape", parsed.issues);
  return parsed.output;
}

const envelopeSchema = v.object({ success: v.literal(true), data: v.unknown() });

function toRefusedError(response: Response, json: unknown): RefusedError {
  const retryAfterS = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(retryAfterS) ? retryAfterS * 1_000 : undefined;
  const parsed = v.safeParse(problemSchema, json);
  if (!parsed.success) return withoutProblem(response.status, retryAfterMs);
  const { code, message, detail, errors } = parsed.output;
  return new RefusedError({
    code,
    message: message ?? detail ?? code,
    retryable: isKnown(code) ? ERROR_CODES[code].retryable : response.status >= 500,
    retryAfterMs,
    errors,
  });
}

/** Something in between answered, not the edge. */
function withoutProblem(status: number, retryAfterMs: number | undefined): RefusedError {
  const retryable = status === 429 || status >= 500;
  const code: ErrorCode = retryable ? "UNAVAILABLE" : "INVALID_DATA";
  return new RefusedError({ code, message: `HTTP ${status}`, retryable, retryAfterMs });
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}
