import type { BroadcastId, UserId } from "../../protocol/ids.ts";
import type { TalliedSql } from "../storage/tallied-sql.ts";
import type { BroadcastFounding, Person } from "../../edge/rpc/broadcast-rpc.ts";

export interface StoredList {
  broadcastId: BroadcastId;
  ownerId: UserId;
  name: string;
  createdAt: number;
  updatedAt: number;
  deletedAt: number | null;
}

/** A list: its name, who sends to it and who is sent to. The caller's transaction holds together what belongs together. */
export class ListStore {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  /** Undefined before the founding; a deleted list is there, with the time of it. */
  get(): StoredList | undefined {
    // written by this class alone, in this shape
    return this.#sql
      .exec<{
        broadcastId: BroadcastId;
        ownerId: UserId;
        name: string;
        createdAt: number;
        updatedAt: number;
        deletedAt: number | null;
      }>(
        `SELECT broadcast_id AS broadcastId, owner_id AS ownerId, name, created_at AS createdAt,
           updated_at AS updatedAt, deleted_at AS deletedAt FROM list`,
      )
      .toArray()[0];
  }

  found(
    { broadcastId, ownerId, name, adminIds, recipients }: BroadcastFounding,
    now: number,
  ): void {
    this.#sql.write(
      "INSERT INTO list (broadcast_id, owner_id, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
      broadcastId,
      ownerId,
      name,
      now,
      now,
    );
    this.setRecipients(recipients);
    this.setAdmins(adminIds);
    this.#announce(ownerId, true);
  }

  touch(name: string, now: number): void {
    this.#sql.write("UPDATE list SET name = ?, updated_at = ?", name, now);
  }

  adminIds(): UserId[] {
    return this.#sql
      .exec<{ userId: UserId }>("SELECT user_id AS userId FROM admin ORDER BY user_id")
      .toArray()
      .map(({ userId }) => userId);
  }

  isAdmin(userId: UserId): boolean {
    return this.#sql.exec("SELECT 1 FROM admin WHERE user_id = ?", userId).toArray().length > 0;
  }

  setAdmins(adminIds: readonly UserId[]): void {
    const before = new Set(this.adminIds());
    const after = new Set(adminIds);
    for (const userId of after.difference(before)) {
      this.#sql.write("INSERT INTO admin (user_id) VALUES (?)", userId);
      this.#announce(userId, true);
    }
    for (const userId of before.difference(after)) {
      this.#sql.write("DELETE FROM admin WHERE user_id = ?", userId);
      this.#announce(userId, false);
    }
  }

  recipients(): Person[] {
    return this.#sql
      .exec<{ userId: UserId; name: string }>(
        "SELECT user_id AS userId, name FROM recipient ORDER BY place",
      )
      .toArray();
  }

  recipientCount(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM recipient").one().n;
  }

  setRecipients(recipients: readonly Person[]): void {
    this.#sql.write("DELETE FROM recipient");
    for (const [place, { userId, name }] of recipients.entries()) {
      this.#sql.write(
        "INSERT INTO recipient (place, user_id, name) VALUES (?, ?, ?)",
        place,
        userId,
        name,
      );
    }
  }

  /** The id stays, so that nobody ever founds another list under it. */
  remove(ownerId: UserId, now: number): void {
    this.setAdmins([]);
    this.#announce(ownerId, false);
    this.#sql.write("DELETE FROM recipient");
    this.#sql.write("UPDATE list SET name = '', updated_at = ?1, deleted_at = ?1", now);
  }

  /** Whose Inbox is to be told what. */
  announcements(limit: number): { userId: UserId; listed: boolean }[] {
    return this.#sql
      .exec<{ userId: UserId; listed: number }>(
        "SELECT user_id AS userId, listed FROM announcement LIMIT ?",
        limit,
      )
      .toArray()
      .map(({ userId, listed }) => ({ userId, listed: listed === 1 }));
  }

  /** Unless it has changed meanwhile, and is to be told again. */
  markAnnounced({ userId, listed }: { userId: UserId; listed: boolean }): void {
    this.#sql.write(
      "DELETE FROM announcement WHERE user_id = ? AND listed = ?",
      userId,
      listed ? 1 : 0,
    );
  }

  #announce(userId: UserId, listed: boolean): void {
    this.#sql.write(
      `INSERT INTO announcement (user_id, listed) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET listed = excluded.listed`,
      userId,
      listed ? 1 : 0,
    );
  }
}
