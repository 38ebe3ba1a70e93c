/** A percentile of the times in the quietest round, because other work on the machine only ever adds time. */
export const quietest = (rounds: readonly number[][], share: number): number =>
  Math.min(...rounds.map((times) => percentile(times, share)));
const percentile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
export const ms = (time: number): string => time.toFixed(2);
export const count = (number: number): string => Math.round(number).toLocaleString('en');
