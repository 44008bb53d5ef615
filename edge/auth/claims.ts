import * as v from "valibot";
import { cleanName, joinName } from "../../core/person-name.ts";
import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { parseUserId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Config } from "../config.ts";
import type { TokenHolder } from "./principal.ts";

const claimsSchema = v.looseObject({ exp: v.number() });
const textSchema = v.pipe(
  v.union([v.string(), v.pipe(v.number(), v.transform(String))]),
  v.minLength(1),
);
/** Of nGomna's tokens, when no name is in them. */
const namesSchema = v.object({
  nom: v.optional(v.fallback(v.string(), "")),
  prenom: v.optional(v.fallback(v.string(), "")),
});

/** Who a verified payload speaks of, by the claims that the deployment names. */
export function principalOf(config: Config, payload: unknown): Result<TokenHolder, Refusal> {
  const claims = v.safeParse(claimsSchema, payload);
  if (!claims.success) return fail(NOBODY);
  const userId = parseUserId(firstText(claims.output, config.CLAIMS_USER_ID));
  if (!userId.ok) return fail(NOBODY);
  const matricule = shown(firstText(claims.output, config.CLAIMS_MATRICULE));
  const name =
    shown(firstText(claims.output, config.CLAIMS_NAME)) ??
    shown(joinName(namesOf(claims.output))) ??
    matricule ??
    shown(userId.value);
  return ok({
    userId: userId.value,
    name: name ?? NAMELESS,
    matricule,
    role: firstText(claims.output, config.CLAIMS_ROLE) ?? "user",
    expiresAt: claims.output.exp * 1_000,
  });
}

/** Of an id of which nothing can be seen. */
const NAMELESS = "?";
const NOBODY = refusal("INVALID_TOKEN", "the token is not valid here");

function firstText(
  claims: Readonly<Record<string, unknown>>,
  names: readonly string[],
): string | null {
  for (const name of names) {
    const text = v.safeParse(textSchema, claims[name]);
    if (text.success) return text.output;
  }
  return null;
}

/** Another system decides what its people are called; here others read it. Rule USR-3. */
function shown(name: string | null): string | null {
  return name === null ? null : cleanName(name);
}

function namesOf(claims: unknown) {
  const { nom = "", prenom = "" } = v.parse(namesSchema, claims);
  return { nom, prenom };
}
