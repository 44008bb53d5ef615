/**
 * The types of Kafka's answers in an error of kafkajs, as `MESSAGE_TOO_LARGE`; none when no broker answered.
 * Read from the error's shape: kafkajs is CommonJS, and Node cannot see its error classes as named exports.
 */
export function answerTypes(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  if ("errors" in error && Array.isArray(error.errors)) return error.errors.flatMap(answerTypes);
  return "type" in error && typeof error.type === "string" ? [error.type] : [];
}

/** Refusals that concern one record, whatever the state of the cluster. */
const RECORD_REFUSALS: ReadonlySet<string> = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_RECORD",
  "INVALID_TIMESTAMP",
]);

/** Why a record can never be taken; null when it might be later. */
export function refusalOf(error: unknown): string | null {
  return answerTypes(error).find((type) => RECORD_REFUSALS.has(type)) ?? null;
}
