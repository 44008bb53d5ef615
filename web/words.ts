import { ParleyError, RefusedError } from "../client/index.ts";

const SENTENCES: Record<string, string> = {
  INVALID_CREDENTIALS: "Matricule or password is wrong.",
  INVALID_TOKEN: "Your sign-in has ended. Sign in again.",
  TOKEN_EXPIRED: "Your sign-in has ended. Sign in again.",
  ALREADY_EXISTS: "Somebody has this matricule already.",
  NOT_FOUND: "This does not exist, or is not yours to see.",
  NOT_A_MEMBER: "You are not a member of this conversation.",
  FORBIDDEN: "You may not do this.",
  MUTED: "You are muted here for a while.",
  LOCKED: "This conversation is locked.",
  BLOCKED: "This person does not take messages from you.",
  TOO_LARGE: "This is too long to be sent.",
  RATE_LIMITED: "That was too fast. Try again in a moment.",
  NETWORK: "The server cannot be reached. Is there a connection?",
  UNAVAILABLE: "The server is busy. Try again in a moment.",
  INTERNAL: "Something went wrong on the server. Try again.",
  BAD_ANSWER: "Something that is not Parley answered. Reload the page.",
  QUEUE_FULL: "Too many messages wait to be sent.",
  SESSION_CLOSED: "This was not sent.",
};

/** A failure in words for the person in front of the screen. */
export function inWords(error: unknown): string {
  if (!(error instanceof ParleyError)) return "Something went wrong in this page. Reload it.";
  if (error.code === "FORBIDDEN" && error.message !== "") {
    return `You may not do this: ${error.message}.`;
  }
  const fields = error instanceof RefusedError ? error.errors : [];
  const problems = fields.map(({ field, problem }) => `${field} ${problem}`).join(", ");
  return SENTENCES[error.code] ?? `This did not work: ${problems || error.message}.`;
}
