import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask, pathWith } from '../../app/api.ts';
import { ApiError } from '../../app/requests/apiError.ts';
import { useGet, type Got } from '../../app/useGet.ts';
import { ChangesTable, type Change } from '../../parts/changesTable.ts';
import { Dialog } from '../../parts/dialog.ts';
import { ReasonField } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { Failure, Loading, say } from '../../parts/notices.ts';
import { go, urlWith } from '../../app/address.ts';
import { texts } from '../../texts/texts.ts';
import type { Document } from '../people/kinds.ts';
import { revisionIn } from './usePerson.ts';

interface Props {
  path: string;
  revision: number;
  close(): void;
  /** Called when the person has changed: by this restoration, or by another user before it. */
  changed(): void;
}

/**
 * Shows what restoring a revision would change, and restores it unless the person has changed since:
 * then it shows that change, and what restoring would change now.
 */
export function RestoreDialog({ path, revision, close, changed }: Props): VNode {
  const words = texts().person;
  const [reason, setReason] = useState('');
  const now = useGet<Document>(path);
  const etag = now.answer?.headers.get('etag') ?? null;
  const from = revisionIn(etag);
  const [refusedAt, setRefusedAt] = useState<number | null>(null);
  const { changes, got: preview } = useChanges(path, from, revision);
  const meanwhile = useChanges(path, refusedAt, from);
  const isNothing = changes?.length === 0;
  const restore = async (): Promise<void> => {
    try {
      await ask(`${path}/revert`, {
        method: 'POST',
        body: { revision, reason: reason.trim() },
        headers: etag === null ? {} : { 'if-match': etag },
      });
    } catch (error) {
      if (error instanceof ApiError && error.code === 'stale') {
        setRefusedAt(from);
        now.reload();
        changed();
      }
      throw error;
    }
    say(words.restored);
    go(urlWith({ revision: null, at: null, with: null }), { replace: true });
    changed();
  };
  const failed = now.error ? now : preview;
  return html`<${Dialog}
    title=${words.restoreTitle(revision)}
    action=${words.restoreButton}
    isReady=${changes !== null && !isNothing && !now.isLoading && reason.trim() !== ''}
    act=${restore}
    close=${close}
  >
    ${
      meanwhile.changes &&
      refusedAt !== null &&
      from !== null &&
      html`<h3>${words.comparing(refusedAt, from)}</h3>
        <${ChangesTable} changes=${meanwhile.changes} caption=${words.comparing(refusedAt, from)} />`
    }
    <p>${isNothing ? words.restoreNothing : words.restoreLead}</p>
    ${failed.error ? html`<${Failure} error=${failed.error} retry=${failed.reload} />` : !changes && html`<${Loading} />`}
    ${changes && !isNothing && html`<${ChangesTable} changes=${changes} caption=${words.restoreTitle(revision)} /><${ReasonField} value=${reason} onText=${setReason} />`}
  <//>`;
}

/** The changes from one revision to another; null until they have arrived. */
function useChanges(
  path: string,
  from: number | null,
  to: number | null,
): { changes: readonly Change[] | null; got: Got<unknown> } {
  const asked = from === null || to === null || from === to ? null : pathWith(`${path}/diff`, { from, to });
  const got = useGet<{ changes: Change[] }>(asked);
  const isCurrent = asked !== null && got.answered === asked;
  return { changes: isCurrent ? (got.answer?.body.changes ?? null) : null, got };
}
