import type { VNode } from 'preact';
import { ask } from '../../app/api.ts';
import { Dialog, DialogButton } from '../../parts/dialog.ts';
import { html } from '../../parts/html.ts';
import { say } from '../../parts/notices.ts';
import { texts } from '../../texts/texts.ts';

interface Props {
  dni: string;
  etag: string;
  changed(): void;
}

/** The button that removes a user from the roll, after a question. */
export function RemoveAction({ dni, etag, changed }: Props): VNode {
  const words = texts().person;
  const remove = async (): Promise<void> => {
    await ask('/users/delete', { method: 'POST', body: { dni }, headers: { 'if-match': etag } });
    say(words.removed);
    changed();
  };
  return html`<${DialogButton}
    label=${words.remove}
    dialog=${(close: () => void) =>
      html`<${Dialog}
        title=${words.removeTitle}
        action=${words.removeButton}
        isDangerous
        act=${remove}
        close=${close}
      >
        <p>${words.removeLead}</p>
      <//>`}
  />`;
}
