import type { BridgeConfig } from "./config.ts";

/** Shorter ones are words of every log line, and no secrets. */
const LEAST_CHARS = 4;

/** What no log line may hold, in every form in which a library may repeat it. */
export function secretsOf({ secret, sinks }: BridgeConfig): string[] {
  const all = [
    secret,
    ...sinks.flatMap((sink) => {
      if (sink.type === "kafka") return sink.sasl === undefined ? [] : [sink.sasl.password];
      return sink.type === "mongodb" ? passwordsIn(sink.uri) : [];
    }),
  ];
  const forms = all.flatMap((text) => [text, encodeURIComponent(text)]);
  const known = [...new Set(forms)].filter(({ length }) => length >= LEAST_CHARS);
  // the longest first: one may be a part of another
  return known.toSorted((one, other) => other.length - one.length);
}

/** The text without the secrets. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, "***"), text);
}

/** As the URI has it, and as the server gets it. */
function passwordsIn(uri: string): string[] {
  const raw = /^[^:]+:\/\/[^:@/]*:([^@]*)@/.exec(uri)?.[1];
  if (raw === undefined) return [];
  try {
    return [raw, decodeURIComponent(raw)];
  } catch {
    return [raw];
  }
}
