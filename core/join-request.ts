/** Somebody who wants to become a member. One who was refused waits before asking again. */
export interface JoinRequest {
  userId: string;
  name: string;
  note: string;
  at: number;
  /** Epoch ms; null while nobody has answered. */
  refusedAt: number | null;
}
