import type { Conversation } from "./conversation.ts";
import type { Inbox } from "./inbox.ts";
import type { FileEnv } from "../worker/files/file-env.ts";
import type { Outbox } from "./outbox.ts";
import type { GatewayRpc } from "./rpc.ts";

/** What the objects need of the deployment's bindings. */
export interface ObjectEnv extends FileEnv {
  CONVERSATION: DurableObjectNamespace<Conversation>;
  INBOX: DurableObjectNamespace<Inbox>;
  OUTBOX: DurableObjectNamespace<Outbox>;
  /** Absent: nobody multiplexes, every socket is a direct one. */
  GATEWAY?: { getByName(name: string): GatewayRpc };
  /** Accounts and what staff has to decide. Absent where another system issues the tokens. */
  DB?: D1Database;
  OUTBOX_SHARDS: string;
  /** Absent: no bridge can authenticate, so nothing is published and no alarm is set. */
  BRIDGE_SECRET?: string;
  /** How long after the last event a conversation stores what its followers have; absent: seven seconds. */
  REST_AFTER_MS?: string;
  /** Frames one session may send, at once and per second; absent: `LIMITS`. */
  SESSION_BURST?: string;
  SESSION_FRAMES_PER_SECOND?: string;
}
