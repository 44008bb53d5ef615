import { refusal } from "../protocol/error-codes.ts";
import type { Env } from "../edge/env.ts";
import { RefusedError } from "../edge/refused-error.ts";

/** The database of what is looked up across conversations; out of the route where none is bound. */
export function databaseOf({ DB }: Env): D1Database {
  if (DB !== undefined) return DB;
  throw new RefusedError(refusal("NOT_FOUND", "this deployment has no database"));
}
