import type { Config } from "../../worker/config.ts";
import type { Env } from "../../worker/env.ts";
import type { ConversationCalls } from "./conversation-calls.ts";
import type { Hub } from "./hub.ts";
import type { PeopleBook } from "./people-book.ts";

/** What handlers of events work with. */
export interface ChatParts {
  env: Env;
  /** Throws a `ConfigError`. */
  config: () => Config;
  gateway: string;
  hub: Hub;
  calls: ConversationCalls;
  people: PeopleBook;
  waitUntil: (promise: Promise<unknown>) => void;
}
