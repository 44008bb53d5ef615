import type { MemberReceipt } from "../../protocol/server-frames.ts";

/** A member's receipt as the last step of it: the highest message that it covers. */
export interface StatusChange {
  userId: string;
  status: "DELIVERED" | "READ";
  upToSeq: number;
}

/** What a moved receipt says, given what was known of this member before: nothing where nothing moved. */
export function statusChange(
  before: MemberReceipt | undefined,
  { userId, delivered, read }: MemberReceipt,
): StatusChange | null {
  if (read > (before?.read ?? 0)) return { userId, status: "READ", upToSeq: read };
  if (delivered > (before?.delivered ?? 0)) {
    return { userId, status: "DELIVERED", upToSeq: delivered };
  }
  return null;
}
