import { HEARTBEAT_MS, type Heartbeat, type SinkReport } from "../../protocol/heartbeat.ts";

/** The last that was heard of a sink; `at` is epoch ms. */
export interface HeardReport extends SinkReport {
  bridgeId: string;
  at: number;
}

export type BridgeReports = Readonly<Record<string, HeardReport>>;

/** How a part behind the bridge is, as the contract names it. */
export interface PartHealth {
  status: "healthy" | "degraded" | "error" | "disabled";
  /** Why, by name; null while nothing is wrong. */
  fault: string | null;
  /** Since the bridge last said so; s. Null when it never has. */
  ageS: number | null;
  /** Age of the oldest event that is not there yet, as far as the bridge has it; ms. */
  lagMs: number | null;
}

const STALE_AFTER_MS = 3 * HEARTBEAT_MS;
/** A sink that is this far behind is not down, but not well either; ms. */
const LAG_DEGRADED_MS = 60_000;

/**
 * Takes a heartbeat in. Of two bridges the one that is connected speaks for a sink: a standby must not hide what the
 * owner says, nor the other way round once the owner is silent.
 */
export function heard(
  known: BridgeReports,
  { bridgeId, sinks }: Heartbeat,
  at: number,
): BridgeReports {
  const reports: Record<string, HeardReport> = { ...known };
  for (const [sink, report] of Object.entries(sinks)) {
    const last = reports[sink];
    const isForeign = last !== undefined && last.bridgeId !== bridgeId;
    const isOwned = isForeign && last.shards.connected > 0 && at - last.at < STALE_AFTER_MS;
    if (isOwned && report.shards.connected === 0) continue;
    reports[sink] = { ...report, bridgeId, at };
  }
  return reports;
}

/** How a sink is. Without a report it is not configured; with an old one, nobody knows. */
export function partHealth(report: HeardReport | undefined, now: number): PartHealth {
  if (report === undefined) return { status: "disabled", fault: null, ageS: null, lagMs: null };
  const ageMs = now - report.at;
  const told = { ageS: Math.max(0, Math.round(ageMs / 1_000)), lagMs: report.lagMs };
  if (ageMs >= STALE_AFTER_MS) return { status: "error", fault: "silent", ...told };
  if (report.status === "degraded") return { status: "error", fault: report.fault, ...told };
  const { total, connected } = report.shards;
  if (report.status === "starting" || connected < total || total === 0)
    return { status: "degraded", fault: "connecting", ...told };
  if (report.lagMs > LAG_DEGRADED_MS) return { status: "degraded", fault: "behind", ...told };
  return { status: "healthy", fault: null, ...told };
}

/** How the bridge is: as its worst sink; `silent` when none was heard of lately. */
export function bridgeHealth(reports: BridgeReports, now: number): PartHealth {
  const parts = Object.values(reports).map((report) => partHealth(report, now));
  const order = ["error", "degraded", "healthy"] as const;
  const worst = order
    .map((status) => parts.find((part) => part.status === status))
    .find((part) => part !== undefined);
  return worst ?? { status: "error", fault: "silent", ageS: null, lagMs: null };
}
