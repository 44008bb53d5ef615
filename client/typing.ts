import { LIMITS } from "../protocol/limits.ts";

/** How long somebody shows as writing after they last said so; who writes says it again before. Ms. Rule LIV-3. */
export const TYPING_MS = LIMITS.typingMs;
