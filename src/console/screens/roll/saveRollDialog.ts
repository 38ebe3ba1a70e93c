import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { ask } from '../../app/api.ts';
import { serverNow } from '../../time/serverClock.ts';
import { Dialog } from '../../parts/dialog.ts';
import { Field } from '../../parts/fields.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import { today } from '../../time/today.ts';
import type { Kind } from '../people/kinds.ts';

/** Asks for a name and a date, and saves that roll as a named roll. */
export function SaveRollDialog({ kind, close }: { kind: Kind; close(): void }): VNode {
  const words = texts().roll;
  const [name, setName] = useState('');
  const [at, setAt] = useState('');
  // Of the first attempt: a retry must ask for the same roll.
  const moment = useMemo<{ at: string | null }>(() => ({ at: null }), [name, at]);
  const save = async (): Promise<void> => {
    moment.at ??= at === today() ? serverNow().toISOString() : at;
    await ask('/rolls', { method: 'POST', body: { name: name.trim(), kind: kind.name, at: moment.at } });
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
