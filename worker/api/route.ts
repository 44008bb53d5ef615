import type { Context, Hono } from "hono";
import type * as v from "valibot";
import { enveloped } from "../answers/answer.ts";
import type { Pagination } from "../../edge/answers/envelope.ts";
import type { TokenHolder } from "../../edge/auth/principal.ts";
import { authenticate } from "../auth/authenticate.ts";
import { readBody } from "../body.ts";
import { parse } from "../../edge/parse.ts";
import { entityTag, matchesTag } from "../../edge/answers/entity-tag.ts";
import type { App } from "../hono.ts";
import type { Contract, Success } from "./contract.ts";

/** What a handler gets: parsed, and nothing that was not declared. */
interface RouteRequest<C extends Contract> {
  c: Context<App>;
  me: C["access"] extends "open" ? null : TokenHolder;
  params: OutputOf<C["params"]>;
  query: OutputOf<C["query"]>;
  body: OutputOf<C["body"]>;
}

/** What it answers; a `Response` is for what has no body, such as 304. */
interface RouteAnswer<C extends Contract> {
  data: C["answer"] extends v.GenericSchema ? v.InferInput<C["answer"]> : undefined;
  /** The contract's first status unless said otherwise. */
  status?: C["statuses"][number];
  pagination?: Pagination;
  headers?: Record<string, string>;
}

type OutputOf<Schema> = Schema extends v.GenericSchema ? v.InferOutput<Schema> : undefined;

/** A contract with what serves it. */
export interface Route {
  contract: Contract;
  serve: (c: Context<App>) => Promise<Response>;
}

/** Puts the contract in front of a handler: who asks, then what they ask, then the work. */
export function route<const C extends Contract>(
  contract: C,
  handle: (request: RouteRequest<C>) => Promise<RouteAnswer<C> | Response>,
): Route {
  return {
    contract,
    serve: async (c) => {
      const { access, params, query, body } = contract;
      const me = access === "open" ? null : await authenticate(c, access);
      const request = {
        c,
        me,
        params: params === undefined ? undefined : parse(params, c.req.param()),
        query: query === undefined ? undefined : parse(query, c.req.query()),
        body: body === undefined ? undefined : await readBody(c, body),
      };
      // each part was parsed by the schema that the type is inferred from
      const answer = await handle(request as RouteRequest<C>);
      return answer instanceof Response ? answer : answered(c, contract, answer);
    },
  };
}

export function mount(app: Hono<App>, routes: readonly Route[]): void {
  for (const { contract, serve } of routes) {
    app.on(contract.method.toUpperCase(), contract.path, (c) => serve(c));
  }
}

async function answered<C extends Contract>(
  c: Context<App>,
  contract: C,
  { data, status = contract.statuses[0], pagination, headers = {} }: RouteAnswer<C>,
): Promise<Response> {
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  if (data === undefined || status === 204) return c.body(null, 204);
  if (contract.tagged === true) {
    const tag = await entityTag(data);
    c.header("etag", tag);
    if (matchesTag(c.req.header("if-none-match"), tag)) return c.body(null, 304);
  }
  const code: Exclude<Success, 204> = status;
  if (contract.bare === true) return c.json(data, code);
  return enveloped(c, data, { status: code, ...(pagination === undefined ? {} : { pagination }) });
}
