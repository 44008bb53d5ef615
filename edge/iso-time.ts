/** Epoch milliseconds as the contract writes times in REST: ISO 8601, UTC. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
