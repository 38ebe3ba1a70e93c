import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../app/requests/apiError.ts';
import { html } from '../parts/html.ts';
import { Failure, Loading } from '../parts/notices.ts';

/** A screen that is loaded when it is first shown. */
export function loadedLater(load: () => Promise<FunctionComponent>): FunctionComponent {
  let loaded: FunctionComponent | null = null;
  return function LoadedLater() {
    const [state, setState] = useState<'loading' | 'loaded' | 'failed'>(loaded ? 'loaded' : 'loading');
    useEffect(() => {
      if (loaded) return;
      load().then(
        (component) => {
          loaded = component;
          setState('loaded');
        },
        () => {
          setState('failed');
        },
      );
    }, []);
    if (loaded) return html`<${loaded} />`;
    if (state === 'loading') return html`<${Loading} />`;
    // A browser does not retry a module that failed to load until the page is reloaded.
    return html`<${Failure}
      error=${new ApiError(0, 'not-loaded')}
      retry=${() => {
        location.reload();
      }}
    />`;
  };
}
