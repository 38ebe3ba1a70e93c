import { loadApiDescription } from './app/apiDescription.ts';
import { language } from './app/preferences.ts';
import { loadTexts } from './texts/texts.ts';

/** These few modules run first, so that what they load arrives along with the other modules. */
void loadApiDescription();
void loadTexts(language());
