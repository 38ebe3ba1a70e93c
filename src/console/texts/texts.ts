import { language } from '../app/preferences.ts';
import { en, type Texts } from './en/texts.ts';
import { es } from './es/texts.ts';

/** The words in the language of this browser. Components call it while they render. */
export const texts = (): Texts => (language() === 'es' ? es : en);
