/** One row of a benchmark's result; the shape that `--json` writes. */
export interface Measurement {
  name: string;
  unit: string;
  /** Median of the runs. */
  value: number;
  baselines: { raw: number | null; plain: number | null };
  /** `value` over the baseline, of medians. */
  ratios: { raw: number | null; plain: number | null };
  /** What design section 6 asks for, as bounds of the ratios. */
  target: RatioTarget;
  reached: boolean;
  runs: { parley: number[]; raw: number[]; plain: number[] };
}

/** Bounds for ratios: `atLeast` for rates, `atMost` for times. */
export interface RatioTarget {
  raw?: { atLeast?: number; atMost?: number };
  plain?: { atLeast?: number; atMost?: number };
}

/** Runs the three contestants in turn, `runs` times over, so that a slow minute of the machine hits all alike. */
export async function measure(
  name: string,
  unit: string,
  target: RatioTarget,
  contestants: {
    parley: () => Promise<number>;
    raw?: () => Promise<number>;
    plain?: () => Promise<number>;
  },
  runs: number,
): Promise<Measurement> {
  const samples: Measurement["runs"] = { parley: [], raw: [], plain: [] };
  for (let run = 0; run < runs; run++) {
    if (contestants.raw !== undefined) samples.raw.push(await contestants.raw());
    if (contestants.plain !== undefined) samples.plain.push(await contestants.plain());
    samples.parley.push(await contestants.parley());
  }
  const value = median(samples.parley);
  const baselines = { raw: medianOrNull(samples.raw), plain: medianOrNull(samples.plain) };
  const ratios = { raw: ratio(value, baselines.raw), plain: ratio(value, baselines.plain) };
  const reached = isWithin(ratios.raw, target.raw) && isWithin(ratios.plain, target.plain);
  return { name, unit, value, baselines, ratios, target, reached, runs: samples };
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Nearest-rank percentile; `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function medianOrNull(values: readonly number[]): number | null {
  return values.length === 0 ? null : median(values);
}

function ratio(value: number, baseline: number | null): number | null {
  return baseline === null ? null : value / baseline;
}

function isWithin(
  value: number | null,
  bounds: { atLeast?: number; atMost?: number } | undefined,
): boolean {
  if (bounds === undefined) return true;
  if (value === null) return false;
  return value >= (bounds.atLeast ?? -Infinity) && value <= (bounds.atMost ?? Infinity);
}
