import type { Conversation } from "./conversation.ts";
import type { Inbox } from "./inbox.ts";
import type { Outbox } from "./outbox.ts";

/** What the objects need of the deployment's bindings. */
export interface ObjectEnv {
  CONVERSATION: DurableObjectNamespace<Conversation>;
  INBOX: DurableObjectNamespace<Inbox>;
  OUTBOX: DurableObjectNamespace<Outbox>;
  OUTBOX_SHARDS: string;
  /** Absent: no bridge can authenticate, so nothing is published and no alarm is set. */
  BRIDGE_SECRET?: string;
}
