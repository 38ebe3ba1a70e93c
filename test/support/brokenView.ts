import { user } from '../../src/domain/user.ts';
import { VIEWS, type Views } from '../../src/projections/views/allViews.ts';

/** padron's views, of which that of users cannot apply an edit to a cuota of 13 until it is repaired. */
export function brokenView(): { views: Views; isMended: boolean } {
  const aggregate: typeof user = {
    ...user,
    evolve(state, event) {
      const isThirteen = event.type === 'UserEdited' && event.data.changes.cuota?.to === 13;
      if (isThirteen && !broken.isMended) throw new Error('thirteen cannot be shown');
      return user.evolve(state, event);
    },
  };
  const broken = { isMended: false, views: { ...VIEWS, users: { ...VIEWS.users, aggregate } } };
  return broken;
}
