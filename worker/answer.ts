import type { Context } from "hono";
import type { Success } from "./api/contract.ts";
import { ERROR_CODES, type Refusal } from "../protocol/error-codes.ts";
import type { App } from "./hono.ts";

/** Where a page stands among all, when pages were asked for by number. */
export interface Pagination {
  currentPage: number;
  totalPages: number;
  totalCount: number;
  hasNext: boolean;
  hasPrevious: boolean;
  limit: number;
}

/** Data that is JSON already. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

interface Envelope {
  status?: Exclude<Success, 204>;
  pagination?: Pagination;
}

/** The envelope that nGomna's clients parse (contract, section 2). */
export function enveloped(
  c: Context<App>,
  data: unknown,
  { status = 200, pagination }: Envelope = {},
): Response {
  const body = envelopeText(data, c.var.requestId, pagination);
  return c.body(body, status, { "content-type": "application/json" });
}

/** The same as text. */
export function envelopeText(
  data: unknown,
  requestId: string,
  pagination: Pagination | undefined,
): string {
  const metadata = {
    timestamp: new Date().toISOString(),
    requestId,
    ...(pagination === undefined ? {} : { pagination }),
  };
  const text = data instanceof JsonText ? data.text : JSON.stringify(data);
  return `{"success":true,"message":"OK","data":${text},"metadata":${JSON.stringify(metadata)}}`;
}

export function paginationOf(page: number, limit: number, totalCount: number): Pagination {
  const totalPages = Math.ceil(totalCount / limit);
  return {
    currentPage: page,
    totalPages,
    totalCount,
    hasNext: page < totalPages,
    hasPrevious: page > 1,
    limit,
  };
}

/** `application/problem+json` (RFC 9457) with the contract's code, and the fields nGomna's clients read. */
export function problem(c: Context<App>, refused: Refusal): Response {
  const { code, message, errors, retryAfterMs, lastSeq } = refused;
  const { status } = ERROR_CODES[code];
  const body = {
    type: `urn:parley:error:${code}`,
    title: code,
    status,
    detail: message,
    code,
    requestId: c.var.requestId,
    success: false,
    message,
    ...(errors === undefined ? {} : { errors }),
    ...(lastSeq === undefined ? {} : { lastSeq }),
  };
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (retryAfterMs !== undefined) headers.set("retry-after", `${Math.ceil(retryAfterMs / 1_000)}`);
  if (status === 401) headers.set("www-authenticate", "Bearer");
  return c.body(JSON.stringify(body), status, Object.fromEntries(headers));
}
