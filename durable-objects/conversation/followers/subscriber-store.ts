import * as v from "valibot";
import type { TalliedSql } from "../../storage/tallied-sql.ts";

const usersSchema = v.pipe(v.string(), v.parseJson(), v.array(v.string()));

/** Gateways that follow the conversation, and for whom; a row each, so that they still do after a sleep. */
export class SubscriberStore {
  readonly #sql: TalliedSql;

  constructor(sql: TalliedSql) {
    this.#sql = sql;
  }

  all(): { gateway: string; users: string[] }[] {
    return this.#sql
      .exec<{ gateway: string; users: string }>("SELECT gateway, users FROM subscriber")
      .toArray()
      .map(({ gateway, users }) => ({ gateway, users: v.parse(usersSchema, users) }));
  }

  put(gateway: string, users: readonly string[]): void {
    this.#sql.write(
      `INSERT INTO subscriber (gateway, users) VALUES (?, ?)
       ON CONFLICT (gateway) DO UPDATE SET users = excluded.users WHERE users <> excluded.users`,
      gateway,
      JSON.stringify(users),
    );
  }

  drop(gateway: string): void {
    this.#sql.write("DELETE FROM subscriber WHERE gateway = ?", gateway);
  }
}
