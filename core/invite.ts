/** Whoever knows its secret becomes a member, while it holds. */
export interface Invite {
  inviteId: string;
  secret: string;
  makerId: string;
  createdAt: number;
  /** Epoch ms. */
  expiresAt: number;
  /** Null: as many as there is time for. */
  maxUses: number | null;
  uses: number;
  /** Epoch ms; null while nobody has taken it back. */
  revokedAt: number | null;
}
