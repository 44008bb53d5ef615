/** A numbered step of an object's schema; the text of a file in migrations/. */
export interface SchemaStep {
  id: string;
  sql: string;
}

/**
 * Brings an object's SQLite up to `steps`, each once, in order. Applied steps are remembered by id: the platform has no
 * `PRAGMA user_version`. A database that knows a step this build does not is newer code's, and is refused.
 */
export function applySchema(storage: DurableObjectStorage, steps: readonly SchemaStep[]): void {
  storage.sql.exec("CREATE TABLE IF NOT EXISTS schema_step (id TEXT PRIMARY KEY) WITHOUT ROWID");
  const applied = storage.sql
    .exec<{ id: string }>("SELECT id FROM schema_step ORDER BY id")
    .toArray()
    .map((row) => row.id);
  if (applied.some((id, index) => steps[index]?.id !== id)) {
    throw new Error(`schema steps ${applied.join(", ")} are not a prefix of this build's`);
  }
  for (const step of steps.slice(applied.length)) {
    storage.transactionSync(() => {
      storage.sql.exec(step.sql);
      storage.sql.exec("INSERT INTO schema_step (id) VALUES (?)", step.id);
    });
  }
}
