/** Runs a call, now or later, once or repeatedly, and settles like it or otherwise. */
export type RunCall = <T>(call: () => Promise<T>) => Promise<T>;

type Methods = Record<string, (...args: never[]) => Promise<unknown>>;

/** The same port, each of its calls made through `run`. All members must be methods that return promises. */
export function everyCall<Port extends object>(port: Port, run: RunCall): Port {
  const methods = Object.entries(port as Methods).map(([name, method]) => [
    name,
    (...args: never[]) => run(() => method(...args)),
  ]);
  return Object.fromEntries(methods) as Port;
}
