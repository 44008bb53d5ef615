import { exports } from "cloudflare:workers";
import * as v from "valibot";
import { app } from "../../../worker/app.ts";
import type { Env } from "../../../worker/env.ts";

const EDGE = "https://edge.test";

export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  /** What is inside the envelope. */
  data: Record<string, unknown>;
}

export interface ApiRequest {
  token?: string;
  /** Goes out as JSON; a text as it is. */
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
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const response =
    env === undefined ? await exports.default.fetch(request) : await app.fetch(request, env);
  const text = await response.text();
  const answer: Record<string, unknown> = text === "" ? {} : Object(JSON.parse(text));
  const data: Record<string, unknown> = Object(answer["data"]);
  return { status: response.status, headers: response.headers, body: answer, data };
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
