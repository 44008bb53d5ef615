import type { Settings } from "../client/index.ts";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;

/** What of the settings touches somebody who cannot change them, in sentences. */
export function settingsWords({ send, slowModeS, history, join }: Settings): string[] {
  const words = [];
  if (join === "open") words.push("Whoever has the group's link can join.");
  if (send === "moderator") words.push("Only moderators and above write.");
  if (send === "admin") words.push("Only admins and the owner write.");
  if (slowModeS > 0) words.push(`Slow mode: ${durationWords(slowModeS)} between two messages.`);
  if (history === "joined") words.push("New members read only what comes after they joined.");
  return words;
}

/** In the largest unit that leaves nothing over. */
export function durationWords(seconds: number): string {
  if (seconds % HOUR_S === 0) return counted(seconds / HOUR_S, "hour");
  if (seconds % MINUTE_S === 0) return counted(seconds / MINUTE_S, "minute");
  return counted(seconds, "second");
}

function counted(count: number, unit: string): string {
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}
