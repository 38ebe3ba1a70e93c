/** A value, or a promise of it where it is not there yet. */
export type MaybeLater<T> = T | Promise<T>;

/** Applies `change` at once to a value, and later to a promised one. */
export const mapLater = <T, U>(value: MaybeLater<T>, change: (value: T) => U): MaybeLater<U> =>
  value instanceof Promise ? value.then(change) : change(value);
