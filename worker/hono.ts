import type { Config } from "./config.ts";
import type { Env } from "./env.ts";

/** What every handler finds in its context. */
export interface App {
  Bindings: Env;
  Variables: { config: Config; requestId: string };
}
