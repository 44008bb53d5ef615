/** One row of a benchmark's result; the shape that `--json` writes. */
export interface Measurement {
  name: string;
  unit: string;
  /** Median of the runs. */
  value: number;
  /** What `value` is compared with; where that is another size of the same thing, `plain` holds it and `name` says so. */
  baselines: { raw: number | null; plain: number | null };
  /** `value` over the baseline, of medians. */
  ratios: { raw: number | null; plain: number | null };
  /** What design section 6 asks for. */
  target: Target;
  reached: boolean;
  runs: Samples;
}

/** Bounds for the ratios and for the value itself: `atLeast` for rates, `atMost` for times, bytes and rows. */
export interface Target {
  raw?: Bounds;
  plain?: Bounds;
  value?: Bounds;
}

interface Bounds {
  atLeast?: number;
  atMost?: number;
}

export interface Samples {
  parley: number[];
  raw: number[];
  plain: number[];
}

/** Runs the three contestants in turn, `runs` times over, so that a slow minute of the machine hits all alike. */
export async function measure(
  name: string,
  unit: string,
  target: Target,
  contestants: {
    parley: () => Promise<number>;
    raw?: () => Promise<number>;
    plain?: () => Promise<number>;
  },
  runs: number,
): Promise<Measurement> {
  const samples: Samples = { parley: [], raw: [], plain: [] };
  for (let run = 0; run < runs; run++) {
    if (contestants.raw !== undefined) samples.raw.push(await contestants.raw());
    if (contestants.plain !== undefined) samples.plain.push(await contestants.plain());
    samples.parley.push(await contestants.parley());
  }
  return measurementOf(name, unit, target, samples);
}

/** Samples that were taken already, as a row. */
export function measurementOf(
  name: string,
  unit: string,
  target: Target,
  samples: Partial<Samples> & Pick<Samples, "parley">,
): Measurement {
  const runs = { raw: [], plain: [], ...samples };
  const value = median(runs.parley);
  const baselines = { raw: medianOrNull(runs.raw), plain: medianOrNull(runs.plain) };
  const ratios = { raw: ratio(value, baselines.raw), plain: ratio(value, baselines.plain) };
  const reached =
    isWithin(ratios.raw, target.raw) &&
    isWithin(ratios.plain, target.plain) &&
    isWithin(value, target.value);
  return { name, unit, value, baselines, ratios, target, reached, runs };
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

function isWithin(value: number | null, bounds: Bounds | undefined): boolean {
  if (bounds === undefined) return true;
  if (value === null) return false;
  return value >= (bounds.atLeast ?? -Infinity) && value <= (bounds.atMost ?? Infinity);
}
