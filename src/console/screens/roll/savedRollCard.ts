import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { go, urlWith, useAddress } from '../../app/address.ts';
import { ask } from '../../app/api.ts';
import type { ApiError } from '../../app/requests/apiError.ts';
import { useFeatures } from '../../app/features.ts';
import { Select } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { messageOf, say } from '../../parts/notices.ts';
import { momentText, numberText } from '../../parts/values.ts';
import { When } from '../../parts/when.ts';
import { texts } from '../../texts/texts.ts';
import { ExportMenu } from './exportMenu.ts';
import { KINDS, type Kind } from '../people/kinds.ts';
import { ChangesList } from './rollChanges.ts';

export interface SavedRoll {
  id: number;
  name: string;
  kind: Kind['name'];
  at: string;
  count: number;
  digest: string;
  by: { account: string };
  createdAt: string;
}

interface Check {
  matches: boolean;
  erasedSince: number;
}

/** A named roll, with its verification and the changes since. */
export function SavedRollCard({ roll, all }: { roll: SavedRoll; all: readonly SavedRoll[] }): VNode {
  const words = texts().roll;
  const features = useFeatures();
  const { query } = useAddress();
  const [check, setCheck] = useState<Check | null>(null);
  const [isChecking, setChecking] = useState(false);
  const verify = async (): Promise<void> => {
    setChecking(true);
    try {
      setCheck((await ask<Check>(`/rolls/${roll.id}/verify`, { method: 'POST' })).body);
    } catch (error) {
      say(messageOf(error as ApiError), { isBad: true });
    } finally {
      setChecking(false);
    }
  };
  const isCompared = query.get('roll') === String(roll.id);
  return html`<li class="card">
    <h2><bdi>${roll.name}</bdi></h2>
    <p>${words[roll.kind]} · ${words.asOf(momentText(roll.at))} · ${words.people(numberText(roll.count))}</p>
    <p class="muted"><bdi>${roll.by.account}</bdi>, <${When} at=${roll.createdAt} /></p>
    <p class="digest" title=${words.digest}><code>${roll.digest}</code></p>
    <p role="status" class=${check?.matches === false ? 'fault' : 'good'}>${check && resultOf(check)}</p>
    <div class="bar">
      <div class="row-actions">
        ${features?.may('POST', '/rolls/{id}/verify') && html`<button type="button" disabled=${isChecking} onClick=${() => void verify()}>${words.verify}</button>`}
        ${features?.may('GET', '/rolls/{id}/changes') && html`<a class="button" aria-current=${isCompared ? 'true' : null} href=${urlWith({ roll: isCompared ? null : String(roll.id), to: null })} data-keep-scroll>${words.compare}</a>`}
      </div>
      <${ExportMenu} path=${`/rolls/${roll.id}/entries`} name=${roll.name} />
    </div>
    ${isCompared && html`<${Comparison} roll=${roll} all=${all} to=${query.get('to')} />`}
  </li>`;
}

function resultOf({ matches, erasedSince }: Check): string {
  const words = texts().roll;
  const erased = erasedSince === 0 ? '' : ` · ${words.erasedSince(erasedSince)}`;
  return (matches ? words.matches : words.differs) + erased;
}

/** Who joined, left or changed since then, up to now or to a later roll of the same kind. */
function Comparison({
  roll,
  all,
  to,
}: {
  roll: SavedRoll;
  all: readonly SavedRoll[];
  to: string | null;
}): VNode {
  const words = texts().roll;
  const later = all.filter(({ id, kind, at }) => id !== roll.id && kind === roll.kind && at >= roll.at);
  return html`<div class="comparison">
    <${Select}
      label=${words.upTo}
      value=${to ?? ''}
      options=${[['', words.now], ...later.map(({ id, name }) => [String(id), name] as const)]}
      onPick=${(value: string) => {
        go(urlWith({ to: value }), { replace: true });
      }}
    />
    <${ChangesList} kind=${KINDS[roll.kind]} path=${`/rolls/${roll.id}/changes`} to=${to} />
  </div>`;
}
