import { render } from 'preact';
import { followLinks } from './app/address.ts';
import { App } from './page/app.ts';
import { loadFeatures } from './app/features.ts';
import { applyPreferences } from './app/preferences.ts';
import { restoreSession } from './app/session.ts';
import { html } from './parts/html.ts';
import { signInByLink } from './screens/signIn/signInByLink.ts';

applyPreferences();
restoreSession();
followLinks();
void loadFeatures();
const root = document.getElementById('app');
if (root) {
  await signInByLink();
  render(html`<${App} />`, root);
}
