/**
 * What reports and staff have come to about a message: `reported` by enough people, or found to be `spam` or `harmless`
 * by staff, whose word stands whatever is reported later. Rule MOD-2.
 */
export const MESSAGE_FLAGS = ["reported", "spam", "harmless"] as const;
export type MessageFlag = (typeof MESSAGE_FLAGS)[number];

export function isSpam(flag: MessageFlag | undefined): boolean {
  return flag === "reported" || flag === "spam";
}

/** The flag after `reports` people have reported the message; it takes `flagAt` of them. */
export function flagAfterReport(
  flag: MessageFlag | undefined,
  reports: number,
  flagAt: number,
): MessageFlag | undefined {
  return flag === undefined && reports >= flagAt ? "reported" : flag;
}
