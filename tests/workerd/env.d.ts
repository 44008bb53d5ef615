import type { D1Migration } from "cloudflare:test";
import type { Env as WorkerEnv } from "../../worker/env.ts";
import type { FramingGateway } from "./support/framing-gateway.ts";
import type * as worker from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {
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
