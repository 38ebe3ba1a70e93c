import { history } from './history.ts';
import { personas } from './personas.ts';
import { projectedDocuments, projectedRows, type ProjectedView } from '../folding/projection.ts';
import type { ViewDeclaration } from '../record/viewDeclaration.ts';
import { users } from './users.ts';
import type { PersonaRecord, UserRecord } from '../../events/types.ts';
import type { DocumentView, RowView } from '../ports/view.ts';

/** The views of a padron. A newer version of a view is built as separate generations. */
export interface Views {
  personas: DocumentView<PersonaRecord>;
  users: DocumentView<UserRecord>;
  history: RowView;
}

export const VIEWS: Views = { personas, users, history };

/** All views, each with how its generations are made. */
export const projectedViews = ({ personas, users, history }: Views = VIEWS): ProjectedView[] => [
  projectedDocuments(personas),
  projectedDocuments(users),
  projectedRows(history),
];

/** The view with this name and version. Throws if there is none. */
export function viewDeclaredAs({ name, version }: ViewDeclaration): ProjectedView {
  const view = projectedViews().find((one) => one.name === name && one.version === version);
  if (!view) throw new Error(`there is no view ${name} of version ${version}`);
  return view;
}
