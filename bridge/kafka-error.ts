/**
 * The types of Kafka's answers in an error of kafkajs, as `MESSAGE_TOO_LARGE`; none when no broker answered.
 * Read from the error's shape: kafkajs is CommonJS, and Node cannot see its error classes as named exports.
 */
export function answerTypes(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  if ("errors" in error && Array.isArray(error.errors)) return error.errors.flatMap(answerTypes);
  return "type" in error && typeof error.type === "string" ? [error.type] : [];
}
