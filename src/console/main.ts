import { render } from 'preact';
import { followLinks } from './app/address.ts';
import { prefetchSettled } from './app/api.ts';
import { fetchModulesLater } from './app/modules.ts';
import { App } from './page/app.ts';
import { applyPreferences, language } from './app/preferences.ts';
import { restoreSession } from './app/session.ts';
import { html } from './parts/html.ts';
import { signInByLink } from './screens/signIn/signInByLink.ts';
import { loadTexts } from './texts/texts.ts';

/** How long the first rendering waits for answers requested ahead, in milliseconds: with them, nothing is rendered twice. */
const MAX_WAIT_MS = 200;

applyPreferences();
restoreSession();
followLinks();
fetchModulesLater();
const root = document.getElementById('app');
if (root) void show(root);

async function show(root: HTMLElement): Promise<void> {
  await Promise.all([loadTexts(language()), signInByLink(), prefetchSettled(MAX_WAIT_MS)]);
  root.replaceChildren();
  render(html`<${App} />`, root);
}
