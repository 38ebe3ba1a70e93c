import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { expiryOf, signIn, useSession } from '../../app/session.ts';
import { useStore } from '../../app/store.ts';
import { html } from '../../parts/html.ts';
import { messageOf } from '../../parts/notices.ts';
import { instantText } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { linkFailure } from './signInByLink.ts';

/** Asks for a token. Shown in place of any screen, at that screen's address. */
export function SignIn(): VNode {
  const words = texts().signIn;
  const { why } = useSession();
  const [token, setToken] = useState('');
  /** The expiry of a token that has expired, null of a text that is not a token. */
  const [wrong, setWrong] = useState<{ expiry: number | null } | null>(null);
  const isWrong = wrong !== null;
  const failed = useStore(linkFailure);
  const submit = (event: Event): void => {
    event.preventDefault();
    const given = token.trim().replace(/^Bearer\s+/i, '');
    const isIn = signIn(given);
    setWrong(isIn ? null : { expiry: expiryOf(given) });
    if (isIn) linkFailure.set(null);
  };
  return html`<main class="sign-in" id="content">
    <form onSubmit=${submit}>
      <h1>${words.title}</h1>
      ${why === 'expired' && html`<p class="notice" role="status">${words.expired}</p>`}
      ${why === 'left' && html`<p class="notice" role="status">${words.left}</p>`}
      ${failed && html`<p class="notice failure" role="alert">${failed.isPassing ? messageOf(failed) : words.usedLink}</p>`}
      <p class="lead">${words.lead}</p>
      <label class="field">
        <span class="label">${words.token}</span>
        <textarea
          name="token"
          rows="4"
          required
          spellcheck=${false}
          autocomplete="off"
          autofocus
          aria-invalid=${isWrong}
          aria-describedby=${isWrong ? 'token-fault' : null}
          onInput=${(event: Event) => {
            setToken((event.currentTarget as HTMLTextAreaElement).value);
          }}
        ></textarea>
      </label>
      ${isWrong && html`<p class="fault" id="token-fault" role="alert">${wrong.expiry === null ? words.notAToken : words.expiredToken(instantText(new Date(wrong.expiry).toISOString()))}</p>`}
      <button class="primary">${words.button}</button>
      <p class="muted how">${words.how}<br /><code>npx padron token --sub ACCOUNT --role ROLE</code></p>
    </form>
  </main>`;
}
