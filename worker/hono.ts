import type { Config } from "../edge/config.ts";
import type { Env } from "../edge/env.ts";

/** What every handler finds in its context. */
export interface App {
  Bindings: Env;
  Variables: { config: Config; requestId: string };
}
