import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../../app/api.ts';
import { useFeatures } from '../../app/features.ts';
import { useGet } from '../../app/useGet.ts';
import { Dialog } from '../../parts/dialog.ts';
import { Field } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { Empty, Failure, Loading, say } from '../../parts/notices.ts';
import { instantText, numberText } from '../../parts/values.ts';
import { When } from '../../parts/when.ts';
import { texts } from '../../texts/texts.ts';
import { today } from './days.ts';
import { ExportMenu } from './exportMenu.ts';
import type { Kind } from './kinds.ts';

interface SavedRoll {
  id: string;
  name: string;
  kind: Kind['name'];
  at: string;
  count: number;
  digest: string;
  by: string;
  createdAt: string;
}

/** The rolls that were kept under a name, of both kinds. */
export function SavedRolls({ kind }: { kind: Kind }): VNode {
  const words = texts().roll;
  const features = useFeatures();
  const { answer, error, isLoading, reload } = useGet<{ rolls: SavedRoll[] }>('/rolls');
  const [isSaving, setSaving] = useState(false);
  return html`<section aria-busy=${isLoading}>
    ${error && html`<${Failure} error=${error} retry=${reload} />`}
    ${!answer && isLoading && html`<${Loading} />`}
    <div class="bar">
      <p class="muted">${words.saveLead}</p>
      ${
        features?.may('POST', '/rolls') &&
        html`<button
          type="button"
          onClick=${() => {
            setSaving(true);
          }}
        >
          ${words.save}…
        </button>`
      }
    </div>
    ${answer?.body.rolls.length === 0 && html`<${Empty}>${words.noSaved}<//>`}
    <ol class="cards">
      ${answer?.body.rolls.map((roll) => html`<${Saved} key=${roll.id} roll=${roll} />`)}
    </ol>
    ${
      isSaving &&
      html`<${SaveDialog}
        kind=${kind}
        close=${() => {
          setSaving(false);
        }}
        saved=${reload}
      />`
    }
  </section>`;
}

function Saved({ roll }: { roll: SavedRoll }): VNode {
  const words = texts().roll;
  const features = useFeatures();
  const verify = async (): Promise<void> => {
    const { body } = await ask<{ matches: boolean }>(`/rolls/${roll.id}/verify`, { method: 'POST' });
    say(body.matches ? words.matches : words.differs, { isBad: !body.matches });
  };
  return html`<li class="card">
    <h2><bdi>${roll.name}</bdi></h2>
    <p>${words[roll.kind]} · ${words.asOf(instantText(roll.at))} · ${words.people(numberText(roll.count))}</p>
    <p class="muted"><bdi>${roll.by}</bdi>, <${When} at=${roll.createdAt} /></p>
    <p class="digest" title=${words.digest}><code>${roll.digest}</code></p>
    <div class="bar">
      ${features?.may('POST', '/rolls/{id}/verify') && html`<button type="button" onClick=${() => void verify()}>${words.verify}</button>`}
      <${ExportMenu} path=${`/rolls/${roll.id}/entries`} name=${roll.name} />
    </div>
  </li>`;
}

function SaveDialog({ kind, close, saved }: { kind: Kind; close(): void; saved(): void }): VNode {
  const words = texts().roll;
  const [name, setName] = useState('');
  const [at, setAt] = useState('');
  const save = async (): Promise<void> => {
    await ask('/rolls', { method: 'POST', body: { name: name.trim(), kind: kind.name, at } });
    saved();
  };
  const take =
    (set: (text: string) => void) =>
    (event: Event): void => {
      set((event.currentTarget as HTMLInputElement).value);
    };
  return html`<${Dialog}
    title=${words.save}
    action=${words.save}
    isReady=${name.trim() !== '' && at !== ''}
    act=${save}
    close=${close}
  >
    <p>${words.saveLead}</p>
    <${Field} label=${words.saveName}><input value=${name} maxlength="200" onInput=${take(setName)} /><//>
    <${Field} label=${words.at} hint=${words.atHint}
      ><input type="date" max=${today()} value=${at} onInput=${take(setAt)}
    /><//>
  <//>`;
}
