import { useEffect, useState } from 'preact/hooks';
import { send } from '../../app/api.ts';
import { ApiError } from '../../app/requests/apiError.ts';
import { eventsIn } from './serverSentEvents.ts';
import { isUnfinished, type Job } from './job.ts';

const RETRY_MS = 1_000;

/**
 * A job with live progress, from its Server-Sent Events. They are read with fetch, because an
 * EventSource sends no headers and a token does not belong in an address. A broken stream is reopened
 * until the job has ended.
 */
export function useLiveJob(first: Job, onEnd: () => void, place = '/admin/jobs'): Job {
  const [job, setJob] = useState(first);
  useEffect(() => {
    setJob(first);
    if (!isUnfinished(first)) return;
    const ending = new AbortController();
    void watch(`${place}/${encodeURIComponent(first.id)}/events`, ending.signal, setJob).then((last) => {
      if (last && !ending.signal.aborted) onEnd();
    });
    return () => {
      ending.abort();
    };
  }, [first.id, first.state]);
  return job;
}

/** Resolves with true when the job has ended, with false when it can no longer be watched. */
async function watch(path: string, signal: AbortSignal, show: (job: Job) => void): Promise<boolean> {
  while (!signal.aborted) {
    try {
      const { body } = await send(path, { signal });
      if (!body) return false;
      for await (const data of eventsIn(body)) {
        const job = JSON.parse(data) as Job;
        show(job);
        if (!isUnfinished(job)) return true;
      }
    } catch (error) {
      if (error instanceof ApiError && !error.isPassing) return false;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return false;
}
