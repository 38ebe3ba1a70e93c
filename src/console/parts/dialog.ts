import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../app/requests/apiError.ts';
import { texts } from '../texts/texts.ts';
import { html } from './html.ts';
import { Failure } from './notices.ts';

interface DialogProps {
  title: string;
  /** The label of the action's button. Without one the dialog only shows something. */
  action?: string;
  isDangerous?: boolean;
  isReady?: boolean;
  /** Whether it stays open after the action, to show the result. */
  staysOpen?: boolean;
  /** The action. The dialog closes if it succeeds, and shows the error if it fails. */
  act?(): Promise<void>;
  close(): void;
  children?: ComponentChildren;
}

/** A button that opens a dialog. */
export function DialogButton({
  label,
  style,
  dialog,
}: {
  label: string;
  /** The class of the button. */
  style?: string;
  dialog(close: () => void): VNode;
}): VNode {
  const [isOpen, setOpen] = useState(false);
  const close = (): void => {
    setOpen(false);
  };
  return html`<button
      type="button"
      class=${style}
      onClick=${() => {
        setOpen(true);
      }}
    >
      ${label}
    </button>
    ${isOpen && dialog(close)}`;
}

/** A question in front of the page. The browser keeps the focus inside and closes it with Escape. */
export function Dialog({
  title,
  action,
  isDangerous = false,
  isReady = true,
  staysOpen = false,
  act,
  close,
  children,
}: DialogProps): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!act || isBusy) return;
    setBusy(true);
    setError(null);
    try {
      await act();
      if (!staysOpen) close();
    } catch (thrown) {
      if (thrown instanceof ApiError) setError(thrown);
      else throw thrown;
    } finally {
      setBusy(false);
    }
  };
  return html`<dialog ref=${dialog} aria-labelledby="dialog-title" onClose=${close}>
    <form onSubmit=${(event: Event) => void submit(event)}>
      <h2 id="dialog-title">${title}</h2>
      <div class="dialog-body">${children} ${error && html`<${Failure} error=${error} />`}</div>
      <div class="dialog-actions">
        <button type="button" onClick=${close}>
          ${action === undefined ? texts().close : texts().cancel}
        </button>
        ${
          action !== undefined &&
          html`<button class=${isDangerous ? 'danger' : 'primary'} disabled=${!isReady || isBusy}>
            ${action}
          </button>`
        }
      </div>
    </form>
  </dialog>`;
}
