/**
 * Table lines with columns as wide as their widest cell; columns in `right` are right-aligned. The
 * last column is not padded.
 */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string[] {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return right.includes(header[column] ?? '') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(line);
}

/** 1234567 as «1,234,567». */
export const grouped = (number: number): string => Math.round(number).toLocaleString('en-US');

/** A share of 1 as «99.9 %», rounded down so that unfinished work never shows 100.0 %. */
export function percent(share: number): string {
  // The product 0.0029 * 1,000 is slightly below 2.9.
  return `${(Math.floor(share * 1_000 + 1e-9) / 10).toFixed(1)} %`;
}

/** Seconds as «0:12» or «1:02:05». */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
