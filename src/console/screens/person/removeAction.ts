import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../../app/api.ts';
import { Dialog } from '../../parts/dialog.ts';
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
  const [isOpen, setOpen] = useState(false);
  const remove = async (): Promise<void> => {
    await ask('/users/delete', { method: 'POST', body: { dni }, headers: { 'if-match': etag } });
    say(words.removed);
    changed();
  };
  return html`<button
      type="button"
      onClick=${() => {
        setOpen(true);
      }}
    >
      ${words.remove}
    </button>
    ${
      isOpen &&
      html`<${Dialog}
        title=${words.removeTitle}
        action=${words.removeButton}
        isDangerous
        act=${remove}
        close=${() => {
          setOpen(false);
        }}
      >
        <p>${words.removeLead}</p>
      <//>`
    }`;
}
