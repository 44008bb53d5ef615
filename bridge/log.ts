import { withoutSecrets } from "./secrets.ts";

/** Facts about one moment. Never message bodies or tokens: ids, seqs, counts and reasons are enough to find the rest. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** One JSON object per line. Libraries repeat what they were given in their errors; `secrets` are left out of every line. */
export function createLog(
  write: (line: string) => void,
  now: () => number,
  secrets: readonly string[],
): Log {
  const clean = (_name: string, value: unknown) =>
    typeof value === "string" ? withoutSecrets(value, secrets) : value;
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) => {
      const entry = { at: new Date(now()).toISOString(), level, event, ...fields };
      write(JSON.stringify(entry, clean));
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** Of a URI. */
const CREDENTIALS = /\/\/[^/@\s]+@/g;

/** What a log may say of a failure of unknown origin. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : "";
  const addsMore = cause !== "" && !error.message.includes(cause);
  const reason = `${error.name}: ${error.message}${addsMore ? `: ${cause}` : ""}`;
  return reason.replaceAll(CREDENTIALS, "//***@");
}
