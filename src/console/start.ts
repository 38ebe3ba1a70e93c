import { loadApiDescription } from './app/apiDescription.ts';
import { language } from './app/preferences.ts';
import { loadTexts } from './texts/texts.ts';

/** Runs as soon as these few modules are there: what they load arrives beside the others instead of after them. */
void loadApiDescription();
void loadTexts(language());
