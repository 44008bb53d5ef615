import type { UserId } from "../../protocol/ids.ts";

/** Who a request comes from, by its token alone. */
export interface Principal {
  userId: UserId;
  name: string;
  matricule: string | null;
  role: string;
}

/** A principal whose token was read just now; it is good until `expiresAt`, epoch ms. */
export type TokenHolder = Principal & { expiresAt: number };
