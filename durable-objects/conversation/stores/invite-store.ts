import type { Invite } from "../../../core/invite.ts";
import { LIMITS } from "../../../protocol/limits.ts";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

type InviteRow = {
  invite_id: number;
  secret: string;
  maker_id: string;
  created_at: number;
  expires_at: number;
  max_uses: number | null;
  uses: number;
  revoked_at: number | null;
};

/** The invitations of a group, those that hold and the newest of those that do not any more. */
export class InviteStore {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  /** Newest first. */
  all(): Invite[] {
    return this.#invites("ORDER BY invite_id DESC LIMIT ?", LIMITS.invites);
  }

  bySecret(secret: string): Invite | undefined {
    return this.#invites("WHERE secret = ?", secret)[0];
  }

  byId(inviteId: string): Invite | undefined {
    return this.#invites("WHERE invite_id = ?", Number(inviteId))[0];
  }

  byKey(makerId: string, key: string): Invite | undefined {
    return this.#invites("WHERE maker_id = ? AND client_key = ?", makerId, key)[0];
  }

  add(invite: Omit<Invite, "inviteId" | "uses" | "revokedAt">, key: string): Invite {
    const { secret, makerId, createdAt, expiresAt, maxUses } = invite;
    this.#sql.write(
      `INSERT INTO invite (secret, maker_id, client_key, created_at, expires_at, max_uses)
       VALUES (?, ?, ?, ?, ?, ?)`,
      secret,
      makerId,
      key,
      createdAt,
      expiresAt,
      maxUses,
    );
    const added = this.bySecret(secret);
    if (added === undefined) throw new Error("an invitation was not stored");
    return added;
  }

  use(secret: string): void {
    this.#sql.write("UPDATE invite SET uses = uses + 1 WHERE secret = ?", secret);
  }

  revoke(inviteId: string, at: number): void {
    this.#sql.write(
      "UPDATE invite SET revoked_at = ? WHERE invite_id = ? AND revoked_at IS NULL",
      at,
      Number(inviteId),
    );
  }

  remove(inviteId: string): void {
    this.#sql.write("DELETE FROM invite WHERE invite_id = ?", Number(inviteId));
  }

  #invites(rest: string, ...bindings: SqlStorageValue[]): Invite[] {
    return this.#sql
      .exec<InviteRow>(
        `SELECT invite_id, secret, maker_id, created_at, expires_at, max_uses, uses, revoked_at
         FROM invite ${rest}`,
        ...bindings,
      )
      .toArray()
      .map((row) => ({
        inviteId: `${row.invite_id}`,
        secret: row.secret,
        makerId: row.maker_id,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        maxUses: row.max_uses,
        uses: row.uses,
        revokedAt: row.revoked_at,
      }));
  }
}
