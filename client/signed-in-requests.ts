import type * as v from "valibot";
import { RefusedError } from "./errors.ts";
import { answerOf, type Answer, type Fetch, type HttpRequest } from "./http.ts";

/** Where the bearer token comes from. */
export interface TokenSource {
  token(refusedToken?: string): Promise<string>;
}

/** Requests in the name of who is signed in. Throws a `ParleyError`. */
export class SignedInRequests {
  readonly #fetch: Fetch;
  readonly #baseUrl: string;
  readonly #tokens: TokenSource;

  constructor(fetch: Fetch, baseUrl: string, tokens: TokenSource) {
    this.#fetch = fetch;
    this.#baseUrl = baseUrl;
    this.#tokens = tokens;
  }

  async ask<Schema extends v.GenericSchema>(
    what: HttpRequest,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    return (await this.answer(what, schema)).data;
  }

  answer<Schema extends v.GenericSchema>(
    what: HttpRequest,
    schema: Schema,
  ): Promise<Answer<v.InferOutput<Schema>>> {
    return this.withToken((token) =>
      answerOf(this.#fetch, this.#baseUrl, { ...what, token }, schema),
    );
  }

  /** A token the server refuses is renewed once: it may have been revoked, or the clocks disagree. */
  async withToken<T>(ask: (token: string) => Promise<T>): Promise<T> {
    const token = await this.#tokens.token();
    try {
      return await ask(token);
    } catch (error) {
      if (!isTokenRefused(error)) throw error;
    }
    return ask(await this.#tokens.token(token));
  }
}

function isTokenRefused(error: unknown): boolean {
  return (
    error instanceof RefusedError &&
    (error.code === "INVALID_TOKEN" || error.code === "TOKEN_EXPIRED")
  );
}
