import { randomUUID } from "node:crypto";
import { HEARTBEAT_MS, type Heartbeat } from "../../protocol/heartbeat.ts";
import type { BridgeHealth } from "../bridge.ts";
import type { Log } from "../log.ts";
import { degraded, failureOf, HEALTHY, STARTING, type PartState } from "../part-state.ts";

/** Tells the edge every few seconds how the sinks are, so that its `/health` can. Rule OBX-10. */
export class Heart {
  readonly #bridgeId = randomUUID();
  readonly #health: () => BridgeHealth;
  readonly #send: (heartbeat: Heartbeat) => Promise<void>;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #edge = STARTING;

  constructor(health: () => BridgeHealth, send: (heartbeat: Heartbeat) => Promise<void>, log: Log) {
    this.#health = health;
    this.#send = send;
    this.#log = log;
  }

  /** How the edge is, by whether it hears the bridge. */
  edgeHealth(): PartState {
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
      this.#edge = HEALTHY;
    } catch (error) {
      const failure = failureOf(error);
      if (this.#edge.status !== "degraded") this.#log.warn("edge.unheard", { ...failure });
      this.#edge = degraded(failure);
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
