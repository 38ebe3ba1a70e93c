import { useLayoutEffect } from 'preact/hooks';
import { hasShortcuts } from './preferences.ts';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/**
 * Binds single keys, except while the user types into a field, holds a modifier or a dialog is open,
 * and unless the user has turned them off.
 */
export function useKeys(actions: Record<string, () => void>): void {
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const action = actions[event.key];
      const isModified = event.ctrlKey || event.metaKey || event.altKey;
      if (!action || isModified || !hasShortcuts()) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', press);
    return () => {
      removeEventListener('keydown', press);
    };
  });
}
