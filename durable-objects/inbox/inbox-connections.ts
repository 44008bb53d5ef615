import type { UserId } from "../../protocol/ids.ts";
import type { StoredNotification } from "../../protocol/notification.ts";
import { callWithin } from "../../edge/calls/call.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import { errorText, logEvent } from "../../edge/log.ts";
import type { GatewayRpc, HandOver } from "../../edge/rpc/gateway-rpc.ts";
import type { TalliedSql } from "../storage/tallied-sql.ts";

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

  /** False when the Gateway had a connection of the user already. */
  add(gateway: string, connectionId: string, now: number): boolean {
    const isNew = !this.gateways().includes(gateway);
    this.#sql.write(
      `INSERT INTO connection (gateway, connection_id, connected_at) VALUES (?, ?, ?)
       ON CONFLICT DO NOTHING`,
      gateway,
      connectionId,
      now,
    );
    return isNew;
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

  /** Gives news to every Gateway with a connection but some; answers those that follow from here on. */
  async handOver(handOver: HandOver, except: readonly string[] = []): Promise<string[]> {
    const gateways = this.gateways().filter((gateway) => !except.includes(gateway));
    const following: string[] = [];
    await this.#tell(gateways, async (stub, gateway) => {
      const answer = await stub.handOver(this.#userId, handOver);
      if (answer.following) following.push(gateway);
      return answer;
    });
    return following;
  }

  notify(notification: StoredNotification): Promise<void> {
    return this.#tell(this.gateways(), (stub) => stub.notify(this.#userId, notification));
  }

  /** False when a Gateway could not be told. */
  async expel(): Promise<boolean> {
    const calls = this.gateways().map(async (gateway) => {
      const stub = this.#gateways?.getByName(gateway);
      if (stub !== undefined) await callWithin(CALL_TIMEOUT_MS, stub.expel(this.#userId));
      this.#forget(gateway);
    });
    return (await Promise.allSettled(calls)).every(({ status }) => status === "fulfilled");
  }

  /** A Gateway that turns out to have no connection of the user is forgotten. */
  async #tell(
    gateways: readonly string[],
    tell: (stub: GatewayRpc, gateway: string) => Promise<{ connected: boolean }>,
  ): Promise<void> {
    const calls = gateways.map(async (gateway) => {
      const stub = this.#gateways?.getByName(gateway);
      if (stub === undefined) return;
      try {
        const { connected } = await callWithin(CALL_TIMEOUT_MS, tell(stub, gateway));
        if (!connected) this.#forget(gateway);
      } catch (error) {
        // its clients find the gap by the next event, or by their list
        logEvent("gateway_not_told", { gateway, error: errorText(error) });
      }
    });
    await Promise.all(calls);
  }

  #forget(gateway: string): void {
    this.#sql.write("DELETE FROM connection WHERE gateway = ?", gateway);
  }
}
