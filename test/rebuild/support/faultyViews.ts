import type { Views } from '../../../src/projections/views/allViews.ts';
import { VIEWS } from '../../../src/projections/views/allViews.ts';

/** A view of users with a fault that can be repaired: it cannot show anybody whose telephone is in `unbearable`. */
export function faultyViews(): { views: Views; unbearable: Set<string> } {
  const unbearable = new Set<string>();
  const { users } = VIEWS;
  return {
    unbearable,
    views: {
      ...VIEWS,
      users: {
        ...users,
        searchTextOf(body) {
          if (unbearable.has(body.telefono)) throw new TypeError('this telephone is too much');
          return users.searchTextOf(body);
        },
      },
    },
  };
}
