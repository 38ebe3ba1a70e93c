import { language, type Language } from '../app/preferences.ts';
import type { Texts } from './en/texts.ts';

const LOAD: Record<Language, () => Promise<Texts>> = {
  en: async () => (await import('./en/texts.ts')).en,
  es: async () => (await import('./es/texts.ts')).es,
};

const loaded: Partial<Record<Language, Texts>> = {};

/** Loads the texts of a language. Must resolve before anything is shown in it. */
export async function loadTexts(wanted: Language): Promise<void> {
  loaded[wanted] ??= await LOAD[wanted]();
}

/** The texts in the language of this browser. Components call it while they render. */
export const texts = (): Texts => loaded[language()] as Texts;
