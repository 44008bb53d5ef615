import type { RateBounds } from "../../core/rate-limit.ts";
import type { Config } from "../../edge/config.ts";
import type { Env } from "../../edge/env.ts";
import type { ConversationCalls } from "./conversation-calls.ts";
import type { GatheredSends } from "./gathered-sends.ts";
import type { Hub } from "./hub.ts";
import type { MissedEvents } from "./missed-events.ts";
import type { OffsetKeys } from "./offset-keys.ts";
import type { PeopleBook } from "./people-book.ts";

/** What handlers of events work with. */
export interface ChatParts {
  env: Env;
  /** Throws a `ConfigError`. */
  config: () => Config;
  gateway: string;
  hub: Hub;
  missed: MissedEvents;
  keys: OffsetKeys;
  calls: ConversationCalls;
  sends: GatheredSends;
  people: PeopleBook;
  /** Of one connection. */
  rate: RateBounds;
  waitUntil: (promise: Promise<unknown>) => void;
}
