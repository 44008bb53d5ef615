import type { D1Migration } from "cloudflare:test";
import type { Broadcast } from "../../durable-objects/broadcast/broadcast.ts";
import type { Conversation } from "../../durable-objects/conversation/conversation.ts";
import type { Gateway } from "../../durable-objects/gateway/gateway.ts";
import type { Inbox } from "../../durable-objects/inbox/inbox.ts";
import type { Outbox } from "../../durable-objects/outbox/outbox.ts";
import type { Env as WorkerEnv } from "../../edge/env.ts";
import type { FramingGateway } from "./support/framing-gateway.ts";
import type * as worker from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {
      // the classes: tests also look inside
      CONVERSATION: DurableObjectNamespace<Conversation>;
      INBOX: DurableObjectNamespace<Inbox>;
      OUTBOX: DurableObjectNamespace<Outbox>;
      BROADCAST: DurableObjectNamespace<Broadcast>;
      GATEWAY: DurableObjectNamespace<Gateway>;
      DB: D1Database;
      BRIDGE_SECRET: string;
      /** Socket.IO and Engine.IO without any chat. */
      FRAMING: DurableObjectNamespace<FramingGateway>;
      /** The accounts' schema, for setup.ts. */
      MIGRATIONS: D1Migration[];
    }
    interface GlobalProps {
      mainModule: typeof worker;
    }
  }
}
