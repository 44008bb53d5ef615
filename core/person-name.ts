/** nGomna's two names of a person: the first word is the given one; a single word is the family's. */
export function splitName(name: string): { nom: string; prenom: string } {
  const [first = "", ...rest] = name.trim().split(/\s+/);
  return rest.length === 0 ? { nom: first, prenom: "" } : { nom: rest.join(" "), prenom: first };
}

export function joinName({ nom, prenom }: { nom?: string; prenom?: string }): string | null {
  const name = [prenom, nom].filter((part) => part !== undefined && part !== "").join(" ");
  return name === "" ? null : name;
}

/**
 * Control characters (NUL and line ends among them), lone surrogates, and what changes the direction of the text around
 * it. Directional marks and joiners stay allowed: Arabic, Hebrew, Indic scripts and emoji are written with them.
 */
const UNSHOWABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const EVERY_UNSHOWABLE = new RegExp(UNSHOWABLE, "gu");
/** Of this alone nothing is to be seen; fillers of Hangul are among the ignorable, the Braille blank is not. */
const INVISIBLE = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]*$/u;
/** Whom people take for the deployment itself, whatever the case and whatever stands between the letters. */
const RESERVED: ReadonlySet<string> = new Set(["system", "systemnotification", "moderation"]);
/** Makes a reserved name of a token somebody's own. */
const SOMEBODY = "user-";

/** What is wrong with a name that others are to read, of a person, a group or a list; null when nothing is. */
export function nameProblem(name: string): string | null {
  if (UNSHOWABLE.test(name)) {
    return "must be without control characters, halves of characters and changes of direction";
  }
  return INVISIBLE.test(name) ? "must have something to see" : null;
}

/** Whether people would take somebody of this name or matricule for the deployment. */
export function isReservedName(name: string): boolean {
  const letters = name
    .normalize("NFKC")
    .replaceAll(/[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{P}\p{Cc}]/gu, "");
  return RESERVED.has(letters.toLowerCase());
}

/**
 * A name or matricule as another system's token has it, made fit to be shown; null when nothing is left. That person
 * cannot choose another one here, so nothing is refused. Cleaning a clean one changes nothing.
 */
export function cleanName(name: string): string | null {
  const shown = name
    .replaceAll(/[\t\n\r]+/g, " ")
    .replaceAll(EVERY_UNSHOWABLE, "")
    .trim();
  if (INVISIBLE.test(shown)) return null;
  return isReservedName(shown) ? `${SOMEBODY}${shown}` : shown;
}

/** Whether somebody names his own matricule, as his token has it or as it was made fit to be shown. */
export function isOwnMatricule(own: string | null, claimed: string): boolean {
  return own !== null && (claimed === own || cleanName(claimed) === own);
}
