const PREFIX = "join/";

/** Where a link to a group leads: with a token it lets in, without one it is the way to ask. */
export interface JoinAddress {
  /** As it stands behind `join/`. */
  text: string;
  groupId: string;
  isInvitation: boolean;
}

/** Reads what is behind the `#` of the page's address; undefined when it is no link to a group. */
export function joinAddressOf(place: string): JoinAddress | undefined {
  if (!place.startsWith(PREFIX)) return undefined;
  const text = place.slice(PREFIX.length);
  // a token is the group's id, a dot and a secret
  const [groupId = "", secret] = text.split(".");
  return { text, groupId, isInvitation: secret !== undefined };
}

/** A link to the web app at `origin`. `text`: an invitation's token, or a group's id. */
export function joinLinkTo(origin: string, text: string): string {
  return new URL(`/#${PREFIX}${text}`, origin).href;
}
