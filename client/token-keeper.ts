import * as v from "valibot";
import { RefusedError, refused } from "./errors.ts";
import { credentialsSchema, type Credentials, type User } from "./rest-answers.ts";

/** Where a sign-in survives a reload; `sessionStorage` and `localStorage` are such. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A token this close to its end is renewed first: it must outlast the request that carries it, and clock skew. */
const RENEW_BEFORE_MS = 60_000;

const STORAGE_KEY = "parley.signIn";

const signInSchema = v.object({
  ...v.omit(credentialsSchema, ["expiresIn"]).entries,
  expiresAt: v.number(),
});
type SignIn = v.InferOutput<typeof signInSchema>;

/** What the keeper needs of the world. */
export interface TokenPorts {
  /** Trades a refresh token for new credentials; the old refresh token is void afterwards. */
  refresh(refreshToken: string): Promise<Credentials>;
  now(): number;
  storage: KeyValueStorage | undefined;
}

/** Holds who is signed in and keeps the access token usable. */
export class TokenKeeper {
  readonly #ports: TokenPorts;
  #signIn: SignIn | undefined;
  /** Refresh tokens work once, so two refreshes at the same time would sign the user out: everyone waits for one. */
  #refreshing: Promise<string> | undefined;

  constructor(ports: TokenPorts) {
    this.#ports = ports;
    this.#signIn = stored(ports.storage);
  }

  get user(): User | undefined {
    return this.#signIn?.user;
  }

  get refreshToken(): string | undefined {
    return this.#signIn?.refreshToken;
  }

  keep({ expiresIn, ...credentials }: Credentials): void {
    this.#signIn = { ...credentials, expiresAt: this.#ports.now() + expiresIn * 1_000 };
    this.#ports.storage?.setItem(STORAGE_KEY, JSON.stringify(this.#signIn));
  }

  forget(): void {
    this.#signIn = undefined;
    this.#ports.storage?.removeItem(STORAGE_KEY);
  }

  /** A usable access token. `refusedToken` is one that the server has just refused. */
  async token(refusedToken?: string): Promise<string> {
    const signIn = this.#signIn;
    if (signIn === undefined) throw notSignedIn();
    const old = signIn.expiresAt - this.#ports.now() < RENEW_BEFORE_MS;
    return old || signIn.accessToken === refusedToken ? this.renew() : signIn.accessToken;
  }

  /** A new access token, whatever the old one's age. */
  renew(): Promise<string> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<string> {
    const signIn = this.#signIn;
    if (signIn === undefined) throw notSignedIn();
    try {
      const credentials = await this.#ports.refresh(signIn.refreshToken);
      if (this.#signIn !== signIn) throw notSignedIn();
      this.keep(credentials);
      return credentials.accessToken;
    } catch (error) {
      // A final no means that the sign-in is over; a lost network must not sign anybody out.
      if (error instanceof RefusedError && !error.shouldRetry() && this.#signIn === signIn)
        this.forget();
      throw error;
    }
  }
}

function notSignedIn(): RefusedError {
  return new RefusedError(refused({ code: "INVALID_TOKEN", message: "nobody is signed in" }));
}

function stored(storage: KeyValueStorage | undefined): SignIn | undefined {
  const text = storage?.getItem(STORAGE_KEY) ?? null;
  if (text === null) return undefined;
  try {
    const parsed = v.safeParse(signInSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
