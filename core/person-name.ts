/** nGomna's two names of a person: the first word is the given one; a single word is the family's. */
export function splitName(name: string): { nom: string; prenom: string } {
  const [first = "", ...rest] = name.trim().split(/\s+/);
  return rest.length === 0 ? { nom: first, prenom: "" } : { nom: rest.join(" "), prenom: first };
}

export function joinName({ nom, prenom }: { nom?: string; prenom?: string }): string | null {
  const name = [prenom, nom].filter((part) => part !== undefined && part !== "").join(" ");
  return name === "" ? null : name;
}
