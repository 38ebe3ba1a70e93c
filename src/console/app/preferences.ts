import { createStore, useStore } from './store.ts';

export type Language = 'en' | 'es';
export type Theme = 'auto' | 'light' | 'dark';

/** How this browser shows the console. Unlike the session, shared by all tabs. */
export interface Preferences {
  language: Language;
  theme: Theme;
  /** Whether single keys act. Speech input presses them by accident (WCAG 2.1.4). */
  shortcuts: boolean;
}

const KEY = 'padron.preferences';

const initial: Preferences = {
  language: navigator.languages.some((one) => one.startsWith('es')) ? 'es' : 'en',
  theme: 'auto',
  shortcuts: true,
};

const preferences = createStore<Preferences>({ ...initial, ...stored() });

export const usePreferences = (): Preferences => useStore(preferences);
export const language = (): Language => preferences.get().language;
export const hasShortcuts = (): boolean => preferences.get().shortcuts;

function stored(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>;
  } catch {
    return {};
  }
}

export function prefer(changes: Partial<Preferences>): void {
  preferences.set({ ...preferences.get(), ...changes });
  localStorage.setItem(KEY, JSON.stringify(preferences.get()));
  applyPreferences();
}

/** Sets the attributes that styles and screen readers depend on. */
export function applyPreferences(): void {
  const { language, theme } = preferences.get();
  document.documentElement.lang = language;
  document.documentElement.dataset['theme'] = theme;
}
