import { BSON, MongoBulkWriteError, MongoServerError } from "mongodb";

/**
 * Server codes that speak of one document, whatever the state of the server. Anything else, vague ones such as BadValue
 * included, is tried again: repeating is harmless, giving up is not.
 */
const DOCUMENT_REFUSALS: ReadonlySet<unknown> = new Set([
  22, // InvalidBSON
  121, // DocumentValidationFailure
  10334, // BSONObjectTooLarge
  17419, // the document would be too large after the update
  17420, // the document to insert is too large
]);

/** Whether a write, or one write of a bulk, can never succeed. */
export function isRefusedForGood(error: unknown): boolean {
  if (error instanceof BSON.BSONError) return true;
  if (error instanceof MongoBulkWriteError) {
    const writeErrors = [error.writeErrors].flat();
    return writeErrors.some(({ code }) => DOCUMENT_REFUSALS.has(code));
  }
  return error instanceof MongoServerError && DOCUMENT_REFUSALS.has(error.code);
}
