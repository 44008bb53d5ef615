import { randomUUID } from "node:crypto";
import { HEARTBEAT_MS, type Heartbeat } from "../protocol/heartbeat.ts";
import type { BridgeHealth } from "./bridge.ts";
import { faultOf, type Fault } from "./fault.ts";
import { reasonOf, type Log } from "./log.ts";

/** How the edge is, by whether it hears the bridge. */
export interface EdgeHealth {
  /** `starting` until the first beat was heard or lost. */
  status: "starting" | "healthy" | "degraded";
  fault: Fault | null;
  reason: string | null;
}

/** Tells the edge every few seconds how the sinks are, so that its `/health` can. Rule OBX-10. */
export class Heart {
  readonly #bridgeId = randomUUID();
  readonly #health: () => BridgeHealth;
  readonly #send: (heartbeat: Heartbeat) => Promise<void>;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #edge: EdgeHealth = { status: "starting", fault: null, reason: null };

  constructor(health: () => BridgeHealth, send: (heartbeat: Heartbeat) => Promise<void>, log: Log) {
    this.#health = health;
    this.#send = send;
    this.#log = log;
  }

  edgeHealth(): EdgeHealth {
    return this.#edge;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_MS); // never rejects
    void this.#beat();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A beat that is lost is not sent again: the next one says more. */
  async #beat(): Promise<void> {
    try {
      await this.#send(heartbeatOf(this.#bridgeId, this.#health()));
      this.#edge = { status: "healthy", fault: null, reason: null };
    } catch (error) {
      const failure = { fault: faultOf(error), reason: reasonOf(error) };
      if (this.#edge.status !== "degraded") this.#log.warn("edge.unheard", failure);
      this.#edge = { status: "degraded", ...failure };
    }
  }
}

function heartbeatOf(bridgeId: string, { sinks }: BridgeHealth): Heartbeat {
  const reports = Object.entries(sinks).map(([name, health]) => {
    const { status, fault, lagMs, events, deadLetters, shards } = health;
    return [name, { status, fault, lagMs, inHand: events.inHand, deadLetters, shards }] as const;
  });
  return { bridgeId, sinks: Object.fromEntries(reports) };
}
