import { useLayoutEffect, useState } from 'preact/hooks';

/** A value shared by several parts of the page. */
export interface Store<Value> {
  get(): Value;
  set(next: Value): void;
  /** Calls back after each change; returns a function that ends the subscription. */
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
  const [, count] = useState(0);
  const value = store.get();
  useLayoutEffect(() => {
    const render = (): void => {
      count((renderings) => renderings + 1);
    };
    // The value may have changed between the rendering and this effect.
    if (store.get() !== value) render();
    return store.subscribe(render);
  }, [store]);
  return value;
}
