import { render } from 'preact';
import { followLinks } from './app/address.ts';
import { App } from './page/app.ts';
import { loadApiDescription } from './app/apiDescription.ts';
import { applyPreferences } from './app/preferences.ts';
import { restoreSession } from './app/session.ts';
import { html } from './parts/html.ts';
import { signInByLink } from './screens/signIn/signInByLink.ts';

applyPreferences();
restoreSession();
followLinks();
void loadApiDescription();
const root = document.getElementById('app');
if (root) {
  await signInByLink();
  render(html`<${App} />`, root);
}
