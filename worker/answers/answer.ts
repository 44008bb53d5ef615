import type { Context } from "hono";
import type { Success } from "../api/contract.ts";
import { ERROR_CODES, type Refusal } from "../../protocol/error-codes.ts";
import type { App } from "../hono.ts";

/** Where a page stands among all, when pages were asked for by number. */
export interface Pagination {
  currentPage: number;
  totalPages: number;
  totalCount: number;
  hasNext: boolean;
  hasPrevious: boolean;
  limit: number;
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
  const { before, after } = envelopeAround(c.var.requestId, pagination);
  const body = `${before}${JSON.stringify(data)}${after}`;
  return c.body(body, status, { "content-type": "application/json" });
}

/** What stands before the data and after it. */
export function envelopeAround(
  requestId: string,
  pagination: Pagination | undefined,
): { before: string; after: string } {
  const metadata = {
    timestamp: new Date().toISOString(),
    requestId,
    ...(pagination === undefined ? {} : { pagination }),
  };
  return {
    before: `{"success":true,"message":"OK","data":`,
    after: `,"metadata":${JSON.stringify(metadata)}}`,
  };
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
