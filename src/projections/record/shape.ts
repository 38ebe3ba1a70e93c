/** Whether a stored value is a T. */
type Check<T> = (value: unknown) => value is T;

/** A member that may be absent, or null in storages that cannot omit one. */
interface Optional<T> {
  ifPresent: Check<T>;
}

type Shape = Readonly<Record<string, Check<unknown> | Optional<unknown>>>;

/** The type that a check finds. */
export type Checked<C> = C extends Check<infer T> | Optional<infer T> ? T : never;

type Shaped<S extends Shape> = {
  [Name in keyof S as S[Name] extends Check<unknown> ? Name : never]: Checked<S[Name]>;
} & {
  [Name in keyof S as S[Name] extends Optional<unknown> ? Name : never]?: Checked<S[Name]>;
};

export const text: Check<string> = (value) => typeof value === 'string';
export const number: Check<number> = (value): value is number => Number.isFinite(value);
export const count: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
export const yesOrNo: Check<boolean> = (value) => typeof value === 'boolean';
export const anything: Check<unknown> = (_): _ is unknown => true;

export const oneOf =
  <const T extends string>(...known: T[]): Check<T> =>
  (value): value is T =>
    known.includes(value as T);

export const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.every(check);

export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value): value is T | null =>
    value === null || check(value);

export const optional = <T>(ifPresent: Check<T>): Optional<T> => ({ ifPresent });

/** Whether each member of the shape has a valid value. There may be other members. */
export const shaped =
  <S extends Shape>(shape: S): Check<Shaped<S>> =>
  (value): value is Shaped<S> =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(shape).every(([name, check]) => isRight(check, (value as Record<string, unknown>)[name]));

const isRight = (check: Check<unknown> | Optional<unknown>, value: unknown): boolean =>
  'ifPresent' in check ? value === undefined || value === null || check.ifPresent(value) : check(value);
