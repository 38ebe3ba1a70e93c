import { useEffect, useState } from 'preact/hooks';

/** A value that several parts of the page show. */
export interface Store<Value> {
  get(): Value;
  set(next: Value): void;
  /** Calls back after each change; returns what ends that. */
  subscribe(changed: () => void): () => void;
}

export function createStore<Value>(value: Value): Store<Value> {
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const changed of [...listeners]) changed();
    },
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}

/** The present value; the component renders again when it changes. */
export function useStore<Value>(store: Store<Value>): Value {
  const [, render] = useState(0);
  useEffect(
    () =>
      store.subscribe(() => {
        render((count) => count + 1);
      }),
    [store],
  );
  return store.get();
}
