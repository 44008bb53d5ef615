/** Facts about one moment. Never message bodies or tokens: ids, seqs, counts and reasons are enough to find the rest. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** One JSON object per line. */
export function createLog(write: (line: string) => void, now: () => number): Log {
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) => {
      write(JSON.stringify({ at: new Date(now()).toISOString(), level, event, ...fields }));
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** What a log may say of a failure of unknown origin. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : "";
  const addsMore = cause !== "" && !error.message.includes(cause);
  return `${error.name}: ${error.message}${addsMore ? `: ${cause}` : ""}`;
}
