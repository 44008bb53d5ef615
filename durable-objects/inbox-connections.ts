import type { UserId } from "../protocol/ids.ts";
import type { StoredNotification } from "../protocol/notification.ts";
import { callWithin } from "./call.ts";
import type { ObjectEnv } from "./env.ts";
import { errorText, logEvent } from "./log.ts";
import type { Delivery, GatewayRpc } from "./rpc.ts";
import type { TalliedSql } from "./tallied-sql.ts";

/** Less than a Conversation waits for the poke that this is part of. */
const CALL_TIMEOUT_MS = 2_000;

/** A user's live connections by the Gateways that carry them; rows, so that they are known after a sleep. */
export class InboxConnections {
  readonly #sql: TalliedSql;
  readonly #gateways: ObjectEnv["GATEWAY"];
  readonly #userId: UserId;

  constructor(sql: TalliedSql, gateways: ObjectEnv["GATEWAY"], userId: UserId) {
    this.#sql = sql;
    this.#gateways = gateways;
    this.#userId = userId;
  }

  add(gateway: string, connectionId: string, now: number): void {
    this.#sql.write(
      `INSERT INTO connection (gateway, connection_id, connected_at) VALUES (?, ?, ?)
       ON CONFLICT DO NOTHING`,
      gateway,
      connectionId,
      now,
    );
  }

  remove(gateway: string, connectionIds: readonly string[]): void {
    for (const connectionId of connectionIds) {
      this.#sql.write(
        "DELETE FROM connection WHERE gateway = ? AND connection_id = ?",
        gateway,
        connectionId,
      );
    }
  }

  gateways(): string[] {
    return this.#sql
      .exec<{ gateway: string }>("SELECT DISTINCT gateway FROM connection")
      .toArray()
      .map(({ gateway }) => gateway);
  }

  /** Gives news to every Gateway with a connection; answers those that took it. */
  handOver(delivery: Delivery): Promise<string[]> {
    return this.#tell((gateway) => gateway.handOver(this.#userId, delivery));
  }

  async notify(notification: StoredNotification): Promise<void> {
    await this.#tell((gateway) => gateway.notify(this.#userId, notification));
  }

  async expel(): Promise<void> {
    for (const gateway of this.gateways()) {
      const stub = this.#gateways?.getByName(gateway);
      if (stub !== undefined) await callWithin(CALL_TIMEOUT_MS, stub.expel(this.#userId));
      this.#forget(gateway);
    }
  }

  /** Tells every Gateway with a connection; answers those that have one. A Gateway that has none is forgotten. */
  async #tell(tell: (gateway: GatewayRpc) => Promise<{ connected: boolean }>): Promise<string[]> {
    const answers = await Promise.all(
      this.gateways().map(async (gateway) => {
        const stub = this.#gateways?.getByName(gateway);
        if (stub === undefined) return [];
        try {
          const { connected } = await callWithin(CALL_TIMEOUT_MS, tell(stub));
          if (!connected) this.#forget(gateway);
          return connected ? [gateway] : [];
        } catch (error) {
          logEvent("gateway_not_told", { gateway, error: errorText(error) });
          return []; // its clients find the gap by the next event, or by their list
        }
      }),
    );
    return answers.flat();
  }

  #forget(gateway: string): void {
    this.#sql.write("DELETE FROM connection WHERE gateway = ?", gateway);
  }
}
