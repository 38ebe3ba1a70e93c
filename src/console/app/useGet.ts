import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ask, takeArrived, type Answer } from './api.ts';
import { ApiError } from './requests/apiError.ts';

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 8_000;

export interface Got<Body> {
  /** The last answer: that of the previous path until the present one is answered. */
  answer: Answer<Body> | null;
  /** The path of that answer; null if there is none. */
  answered: string | null;
  error: ApiError | null;
  isLoading: boolean;
  reload(): void;
}

/**
 * Reads a path, and reads again when it changes, every `everyMs` and on `reload`. Retries temporary
 * failures (no connection, 503, 429) until one succeeds, and shows the error meanwhile. A null path
 * reads nothing.
 */
export function useGet<Body>(path: string | null, everyMs: number | null = null): Got<Body> {
  const [answer, setAnswer] = useState<Answer<Body> | null>(() => takeArrived(path));
  const [error, setError] = useState<ApiError | null>(null);
  const [isLoading, setLoading] = useState(path !== null && answer === null);
  const [round, setRound] = useState(0);
  const shownPath = useRef<string | null>(answer === null ? null : path);
  const isPrefetched = useRef(answer !== null);

  // Before the page is painted, so that the request goes out a frame earlier.
  useLayoutEffect(() => {
    if (path === null) {
      setAnswer(null);
      setLoading(false);
      return;
    }
    const ending = new AbortController();
    let timer = 0;
    let waitMs = FIRST_RETRY_MS;
    const later = (ms: number): void => {
      timer = setTimeout(() => void read(), ms);
    };
    const read = async (): Promise<void> => {
      try {
        // A hidden tab does not poll.
        if (everyMs !== null && document.hidden) {
          later(everyMs);
          return;
        }
        const next = await ask<Body>(path, { signal: ending.signal });
        shownPath.current = path;
        waitMs = FIRST_RETRY_MS;
        setAnswer(next);
        setError(null);
        setLoading(false);
        if (everyMs !== null) later(everyMs);
      } catch (thrown) {
        if (ending.signal.aborted || !(thrown instanceof ApiError)) return;
        setError(thrown);
        setLoading(false);
        if (thrown.isGone || (!thrown.isPassing && shownPath.current !== path)) setAnswer(null);
        if (!thrown.isPassing) return;
        later(thrown.retryAfterSeconds === null ? waitMs : thrown.retryAfterSeconds * 1_000);
        waitMs = Math.min(waitMs * 2, MAX_RETRY_MS);
      }
    };
    if (isPrefetched.current) {
      if (everyMs !== null) later(everyMs);
    } else {
      setLoading(true);
      setError(null);
      void read();
    }
    isPrefetched.current = false;
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [path, round, everyMs]);

  return {
    answer,
    answered: answer === null ? null : shownPath.current,
    error,
    isLoading,
    reload: () => {
      setRound((count) => count + 1);
    },
  };
}
