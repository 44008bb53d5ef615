import type { FileEnv } from "./files/file-env.ts";
import type { AdmissionRpc } from "./rpc/admission-rpc.ts";
import type { InboxRpc } from "./rpc/inbox-rpc.ts";
import type { OutboxRpc } from "./rpc/outbox-rpc.ts";
import type { ConversationRpc } from "./rpc/conversation-rpc.ts";
import type { ConversationFilesRpc, InboxFilesRpc } from "./rpc/files-rpc.ts";
import type { GatewayRpc } from "./rpc/gateway-rpc.ts";

/**
 * Objects of one kind, known by what they answer and not by how they are made. The platform's own types also describe
 * what RPC could pipeline; these carry plain data, which arrives as it is.
 */
export interface Objects<Rpc> {
  getByName(name: string): Rpc;
}

/** What an object answers beside its calls: upgrades, and answers that are streamed. */
export type Fetching = Pick<Fetcher, "fetch">;

export type ConversationCallee = ConversationRpc & ConversationFilesRpc & AdmissionRpc & Fetching;
export type InboxCallee = InboxRpc & InboxFilesRpc & Fetching;
export type OutboxCallee = OutboxRpc & Fetching;

/** What the objects need of the deployment's bindings. */
export interface ObjectEnv extends FileEnv {
  CONVERSATION: Objects<ConversationCallee>;
  INBOX: Objects<InboxCallee>;
  OUTBOX: Objects<OutboxCallee>;
  /** Absent: nobody multiplexes, every socket is a direct one. */
  GATEWAY?: Objects<GatewayRpc>;
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
