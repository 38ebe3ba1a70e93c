import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { Loading } from '../parts/notices.ts';
import { html } from '../parts/html.ts';
import { SignIn } from '../screens/signIn/signIn.ts';
import { texts } from '../texts/texts.ts';
import { go, useAddress } from '../app/address.ts';
import { findRole, useFeatures, type Features } from '../app/features.ts';
import { usePreferences } from '../app/preferences.ts';
import { KINDS } from '../screens/people/kinds.ts';
import { SCREENS, screenAt, type Screen } from './screens.ts';
import { useSession } from '../app/session.ts';
import { loadedLater } from './loadedLater.ts';
import { Shell } from './shell.ts';

const Docs = loadedLater(async () => (await import('../screens/docs/docs.ts')).Docs);

/** The page: the shell with the screen that the address names, or the sign-in screen. */
export function App(): VNode {
  usePreferences();
  const { session } = useSession();
  useEffect(() => {
    void findRole();
  }, [session]);
  const { path } = useAddress();
  return html`<${Shell}
    >${path === '/docs' ? html`<${Docs} />` : session ? html`<${SignedIn} key=${session.token} />` : html`<${SignIn} />`}<//
  >`;
}

/** The first screen of the navigation. Skips the roll for a role that may not see the present one. */
function homeOf(features: Features): Screen | undefined {
  const seesPresent = features.may('GET', KINDS.users.one) || features.may('GET', KINDS.personas.one);
  return SCREENS.find(({ name, isOpen }) => isOpen(features) && (name !== 'roll' || seesPresent));
}

function SignedIn(): VNode {
  const { path } = useAddress();
  const features = useFeatures();
  const home = features && homeOf(features);
  const hasScreen = home && home.name !== 'docs';
  const isStart = path === '/console' || path === '/console/';
  useEffect(() => {
    if (isStart && hasScreen) go(home.path, { replace: true });
  }, [isStart, hasScreen]);
  if (isStart && home && !hasScreen)
    return html`<main id="content"><p class="notice empty">${texts().signIn.noRole}</p></main>`;
  if (!features || isStart) return html`<main id="content"><${Loading} /></main>`;
  const screen = screenAt(path);
  if (!screen) {
    return html`<main id="content">
      <h1>${texts().notFoundPage}</h1>
      <p><a href="/console">${texts().toTheRoll}</a></p>
    </main>`;
  }
  return html`<main id="content"><${screen.component} key=${path} /></main>`;
}
