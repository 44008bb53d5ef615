import type { Context } from "hono";
import type { Success } from "../api/contract.ts";
import { ERROR_CODES, type Refusal } from "../../protocol/error-codes.ts";
import { envelopeAround, type Pagination } from "../../edge/answers/envelope.ts";
import type { App } from "../hono.ts";

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
