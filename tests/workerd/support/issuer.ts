import { env } from "cloudflare:workers";
import { inject } from "vitest";
import * as v from "valibot";
import type { Env } from "../../../edge/env.ts";

/** The test's hands on an issuer of its own (../outside-issuer.ts). */
export class Issuer {
  readonly deployment: Env;
  readonly #url: string;

  constructor(name: string) {
    this.#url = `${inject("issuerUrl")}/${name}`;
    this.deployment = { ...env, AUTH_JWKS_URL: `${this.#url}/jwks.json` };
  }

  readonly sign = async (claims: Record<string, unknown>): Promise<string> => {
    const exp = Math.floor(Date.now() / 1_000) + 900;
    const body = JSON.stringify({ iss: env.AUTH_ISSUER, aud: env.AUTH_AUDIENCE, exp, ...claims });
    const answer = await fetch(`${this.#url}/sign`, { method: "POST", body });
    return v.parse(v.object({ token: v.string() }), await answer.json()).token;
  };

  readonly rotate = async (): Promise<void> => {
    await fetch(`${this.#url}/rotate`, { method: "POST" });
  };

  readonly fetches = async (): Promise<number> => {
    const answer = await fetch(`${this.#url}/fetches`);
    return v.parse(v.object({ fetches: v.number() }), await answer.json()).fetches;
  };

  readonly keySet = async () => {
    const answer = await fetch(`${this.#url}/jwks.json`);
    const schema = v.object({ keys: v.array(v.looseObject({ kid: v.string() })) });
    return v.parse(schema, await answer.json());
  };
}
