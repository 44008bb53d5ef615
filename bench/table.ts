import { textTable } from "../scripts/text-table.ts";
import type { Measurement, Target } from "./measure.ts";

/** Prints results as one aligned table. */
export function printTable(results: readonly Measurement[]): void {
  const rows = [
    ["what", "parley", "raw", "plain", "× raw", "× plain", "target", "reached"],
    ...results.map((result) => [
      `${result.name} (${result.unit})`,
      figure(result.value),
      figure(result.baselines.raw),
      figure(result.baselines.plain),
      figure(result.ratios.raw),
      figure(result.ratios.plain),
      targetText(result.target),
      result.reached ? "yes" : "NO",
    ]),
  ];
  console.log(textTable(rows));
}

function figure(value: number | null): string {
  if (value === null) return "–";
  return value >= 1_000 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
}

function targetText(target: Target): string {
  const bounds = Object.entries(target).map(([baseline, { atLeast, atMost }]) => {
    const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
    return baseline === "value" ? bound : `${bound} × ${baseline}`;
  });
  return bounds.join(", ");
}
