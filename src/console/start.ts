import { presentAddress } from './app/address.ts';
import { prefetch } from './app/api.ts';
import { presentFeatures } from './app/features.ts';
import { language } from './app/preferences.ts';
import { restoreSession } from './app/session.ts';
import { kindAt } from './screens/people/kinds.ts';
import { isRollList, rollPagePath, seesPresent } from './screens/roll/rollPage.ts';
import { loadTexts } from './texts/texts.ts';

/** These few modules run first, so that what they request arrives together with the other modules. */
restoreSession();
askForRoll();
void loadTexts(language());

/** If the page opens with a list of the roll that the role may see, its request does not wait for the screen. */
function askForRoll(): void {
  const { path, query } = presentAddress();
  const kind = kindAt(path);
  const maySee = presentFeatures()?.may('GET', kind.list) && seesPresent(kind);
  if (path === kind.path && maySee && isRollList(query)) prefetch(rollPagePath(kind, query));
}
