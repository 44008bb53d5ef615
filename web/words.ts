import { ParleyError } from "../client/index.ts";

const SENTENCES: Record<string, string> = {
  INVALID_CREDENTIALS: "Matricule or password is wrong.",
  ALREADY_EXISTS: "Somebody has this matricule already.",
  NETWORK: "The server cannot be reached. Is there a connection?",
  UNAVAILABLE: "The server is busy. Try again in a moment.",
  RATE_LIMITED: "That was too fast. Try again in a moment.",
  TOO_LARGE: "This is too long to be sent.",
  NOT_FOUND: "This does not exist, or is not yours to see.",
  INTERNAL: "Something went wrong on the server. Try again.",
};

/** A failure in words for the person in front of the screen. */
export function inWords(error: unknown): string {
  if (!(error instanceof ParleyError)) return "Something went wrong in this page. Reload it.";
  return SENTENCES[error.code] ?? `This did not work: ${error.message}.`;
}
