/** Requests that Engine.IO refuses, with the codes and words its clients know. 400 unless said otherwise. */
export const REFUSALS = {
  transport: { code: 0, message: "Transport unknown" },
  session: { code: 1, message: "Session ID unknown" },
  method: { code: 2, message: "Bad handshake method" },
  request: { code: 3, message: "Bad request" },
  forbidden: { code: 4, message: "Forbidden" },
  version: { code: 5, message: "Unsupported protocol version" },
} as const;

export type Refusal = keyof typeof REFUSALS;
