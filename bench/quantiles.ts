/** The middle and the tails of a sample, by nearest rank. */
export interface Quantiles {
  /** Half of the values are not above it. */
  readonly p50: number;
  /** 95 of 100 values are not above it. */
  readonly p95: number;
  /** 99 of 100 values are not above it. */
  readonly p99: number;
}

/** The value at rank `⌈q · n⌉` of the sorted sample; NaN for an empty one. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN;
}

/** The median, the 95th and the 99th percentile of a sample. */
export function quantiles(values: readonly number[]): Quantiles {
  return {
    p50: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    p99: quantile(values, 0.99),
  };
}

/** The slope of the least-squares line through `[x, y]` points; NaN for fewer than two. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
