import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { signIn, useSession } from '../../app/session.ts';
import { useStore } from '../../app/store.ts';
import { html } from '../../parts/html.ts';
import { texts } from '../../texts/texts.ts';
import { usedLink } from './signInByLink.ts';

/** Asks for a token. Shown in place of any screen, at that screen's address. */
export function SignIn(): VNode {
  const words = texts().signIn;
  const { why } = useSession();
  const [token, setToken] = useState('');
  const [isWrong, setWrong] = useState(false);
  const isLinkUsed = useStore(usedLink);
  const submit = (event: Event): void => {
    event.preventDefault();
    setWrong(!signIn(token.trim().replace(/^Bearer\s+/i, '')));
  };
  return html`<main class="sign-in" id="content">
    <form onSubmit=${submit}>
      <h1>${words.title}</h1>
      ${why === 'expired' && html`<p class="notice" role="status">${words.expired}</p>`}
      ${why === 'left' && html`<p class="notice" role="status">${words.left}</p>`}
      ${isLinkUsed && html`<p class="notice failure" role="alert">${words.usedLink}</p>`}
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
      ${isWrong && html`<p class="fault" id="token-fault" role="alert">${words.notAToken}</p>`}
      <button class="primary">${words.button}</button>
      <p class="muted how">${words.how}<br /><code>npx padron token --sub ACCOUNT --role ROLE</code></p>
    </form>
  </main>`;
}
