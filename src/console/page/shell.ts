import type { ComponentChildren, VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.ts';
import { focusSearch } from '../parts/fields.ts';
import { html } from '../parts/html.ts';
import { say, Toast } from '../parts/notices.ts';
import { loadTexts, texts } from '../texts/texts.ts';
import { useAddress } from '../app/address.ts';
import { useFeatures, useRoles } from '../app/features.ts';
import { useKeys } from '../app/keys.ts';
import { prefer, usePreferences, type Language, type Theme } from '../app/preferences.ts';
import { SCREENS, screenAt } from './screens.ts';
import { endSession, useSession } from '../app/session.ts';

const NEXT_THEME: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };
const THEME_SIGNS: Record<Theme, string> = { auto: '◐', light: '○', dark: '●' };

/** The frame of every screen: navigation, account, language and theme. */
export function Shell({ children }: { children?: ComponentChildren }): VNode {
  const words = texts();
  const [isHelping, setHelping] = useState(false);
  useKeys({
    '/': focusSearch,
    '?': () => {
      setHelping(true);
    },
    p: () => {
      print();
    },
  });
  return html`<a class="skip" href="#content">${words.skipToContent}</a>
    <header class="shell">
      <a class="brand" href="/console"><span class="mark" aria-hidden="true">p</span>padron</a>
      <${Navigation} />
      <${Controls}
        help=${() => {
          setHelping(true);
        }}
      />
    </header>
    ${children}
    <${Toast} />
    ${
      isHelping &&
      html`<${Shortcuts}
        close=${() => {
          setHelping(false);
        }}
      />`
    }`;
}

function Navigation(): VNode {
  const words = texts();
  const { path } = useAddress();
  const features = useFeatures();
  const present = path === '/docs' ? 'docs' : screenAt(path)?.name;
  const open = features
    ? SCREENS.filter(({ isOpen }) => isOpen(features))
    : SCREENS.filter(({ name }) => name === 'docs');
  return html`<nav class="screens" aria-label=${words.navigation}>
    ${open.map(
      ({ name, path: to }) =>
        html`<a href=${to} aria-current=${name === present ? 'page' : null}>${words.nav[name]}</a>`,
    )}
  </nav>`;
}

async function speak(language: Language): Promise<void> {
  try {
    await loadTexts(language);
    prefer({ language });
  } catch {
    say(texts().errors.notLoaded, { isBad: true });
  }
}

function Controls({ help }: { help(): void }): VNode {
  const words = texts();
  const { language, theme } = usePreferences();
  const { session } = useSession();
  const roles = useRoles().join(', ');
  return html`<div class="controls">
    <button
      type="button"
      class="quiet"
      lang=${language === 'es' ? 'en' : 'es'}
      onClick=${() => {
        void speak(language === 'es' ? 'en' : 'es');
      }}
    >
      ${words.otherLanguage}
    </button>
    <button
      type="button"
      class="quiet sign"
      title=${words.themes[theme]}
      aria-label=${words.themes[theme]}
      onClick=${() => {
        prefer({ theme: NEXT_THEME[theme] });
      }}
    >
      ${THEME_SIGNS[theme]}
    </button>
    <button
      type="button"
      class="quiet sign keyboard-only"
      title=${words.shortcuts.hint}
      aria-label=${words.shortcuts.hint}
      onClick=${help}
    >
      ?
    </button>
    ${
      session &&
      html`<span class="account" title=${words.signedInAs(session.account, roles)}
          ><bdi>${session.account}</bdi></span
        >
        <button
          type="button"
          class="quiet"
          onClick=${() => {
            endSession('left');
          }}
        >
          ${words.signOut}
        </button>`
    }
  </div>`;
}

function Shortcuts({ close }: { close(): void }): VNode {
  const { shortcuts } = texts();
  const { shortcuts: isOn } = usePreferences();
  return html`<${Dialog} title=${shortcuts.title} close=${close}>
    <label class="switch">
      <input
        type="checkbox"
        checked=${isOn}
        onChange=${(event: Event) => {
          prefer({ shortcuts: (event.currentTarget as HTMLInputElement).checked });
        }}
      />
      ${shortcuts.single}
    </label>
    <dl class="shortcuts">
      ${shortcuts.rows.map(
        ([keys, what]) =>
          html`<div>
            <dt>${keys.split(/\s+/).map((key) => html`<kbd>${key}</kbd> `)}</dt>
            <dd>${what}</dd>
          </div>`,
      )}
    </dl>
  <//>`;
}
