import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask, pathWith } from '../../app/api.ts';
import { useGet } from '../../app/useGet.ts';
import { ChangesTable, type Change } from '../../parts/changesTable.ts';
import { Dialog } from '../../parts/dialog.ts';
import { ReasonField } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { Failure, Loading, say } from '../../parts/notices.ts';
import { go, urlWith } from '../../app/address.ts';
import { texts } from '../../texts/texts.ts';
import type { Document } from '../roll/kinds.ts';
import { revisionIn } from './usePerson.ts';

interface Props {
  path: string;
  revision: number;
  present: number;
  close(): void;
  done(): void;
}

/** Shows what restoring a revision would change, and restores it unless the person has changed since. */
export function RestoreDialog({ path, revision, close, done }: Props): VNode {
  const words = texts().person;
  const [reason, setReason] = useState('');
  const now = useGet<Document>(path);
  const etag = now.answer?.headers.get('etag') ?? null;
  const from = revisionIn(etag);
  const preview = useGet<{ changes: Change[] }>(
    from === null ? null : pathWith(`${path}/diff`, { from, to: revision }),
  );
  const changes = preview.answer?.body.changes;
  const isNothing = changes?.length === 0;
  const restore = async (): Promise<void> => {
    await ask(`${path}/revert`, {
      method: 'POST',
      body: { revision, reason: reason.trim() },
      headers: etag === null ? {} : { 'if-match': etag },
    });
    say(words.restored);
    go(urlWith({ revision: null, at: null, with: null }), { replace: true });
    done();
  };
  const failed = now.error ? now : preview;
  return html`<${Dialog}
    title=${words.restoreTitle(revision)}
    action=${words.restoreButton}
    isReady=${changes !== undefined && !isNothing && reason.trim() !== ''}
    act=${restore}
    close=${close}
  >
    <p>${isNothing ? words.restoreNothing : words.restoreLead}</p>
    ${failed.error ? html`<${Failure} error=${failed.error} retry=${failed.reload} />` : !changes && html`<${Loading} />`}
    ${changes && !isNothing && html`<${ChangesTable} changes=${changes} caption=${words.restoreTitle(revision)} /><${ReasonField} value=${reason} onText=${setReason} />`}
  <//>`;
}
