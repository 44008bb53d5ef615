import { exports } from "cloudflare:workers";
import * as v from "valibot";
import { app } from "../../../worker/app.ts";
import type { Env } from "../../../edge/env.ts";

export const EDGE = "https://edge.test";

export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  /** What is inside the envelope. */
  data: Record<string, unknown>;
}

export interface ApiRequest {
  token?: string;
  /** Goes out as JSON; texts, forms and bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  /** The deployment's bindings, when the test is about others than the suite's. */
  env?: Env;
}

/** One request to the worker, as from outside. */
export async function api(
  method: string,
  path: string,
  { token, body, headers = {}, env }: ApiRequest = {},
): Promise<ApiAnswer> {
  const request = new Request(`${EDGE}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined || body instanceof FormData
        ? {}
        : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isRaw(body) ? body : JSON.stringify(body) }),
    redirect: "manual",
  });
  const response =
    env === undefined ? await exports.default.fetch(request) : await app.fetch(request, env);
  const isJson = /[/+]json\b/.test(response.headers.get("content-type") ?? "");
  // read to the end in any case: what is half read keeps its object awake
  const text = new TextDecoder().decode(await response.arrayBuffer());
  const answer: Record<string, unknown> = isJson ? Object(JSON.parse(text)) : {};
  const data: Record<string, unknown> = Object(answer["data"]);
  return { status: response.status, headers: response.headers, body: answer, data };
}

function isRaw(body: unknown): body is string | FormData | Uint8Array<ArrayBuffer> {
  return typeof body === "string" || body instanceof FormData || body instanceof Uint8Array;
}

const signInSchema = v.object({
  user: v.object({
    userId: v.string(),
    matricule: v.string(),
    name: v.string(),
    email: v.nullable(v.string()),
    role: v.string(),
  }),
  accessToken: v.string(),
  refreshToken: v.string(),
  expiresIn: v.number(),
});
export type SignIn = v.InferOutput<typeof signInSchema>;

export function signInOf({ body }: ApiAnswer): SignIn {
  return v.parse(signInSchema, body);
}

export const PASSWORD = "correct horse battery";

/** A person nobody else has, signed in. */
export async function register(name = "Ada Lovelace"): Promise<SignIn> {
  const matricule = `m-${crypto.randomUUID()}`;
  const body = { matricule, password: PASSWORD, name, email: `${matricule}@example.org` };
  return signInOf(await api("POST", "/auth/register", { body }));
}

/** The parts of a refusal that clients rely on. */
export function refusalOf({ status, headers, body }: ApiAnswer) {
  return { status, code: body["code"], type: headers.get("content-type") };
}

export function problem(status: number, code: string) {
  return { status, code, type: "application/problem+json" };
}
