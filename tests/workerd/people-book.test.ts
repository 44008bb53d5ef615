import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { PeopleBook } from "../../durable-objects/gateway/people-book.ts";
import { configOf } from "../../edge/config.ts";
import { freshUser } from "./support/people.ts";

test("what a token says meanwhile stands above what the accounts answer", async () => {
  const people = new PeopleBook(env, () => configOf(env));
  const [late, never] = [freshUser(), freshUser()];
  const known = people.know([late, never]);
  people.remember(late, "M-1");
  await known;
  expect(people.matriculeOf(late)).toBe("M-1");
  expect(people.matriculeOf(never)).toBeNull();
});
