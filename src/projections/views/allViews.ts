import { history } from './history.ts';
import { personas } from './personas.ts';
import { projectedDocuments, projectedRows, type ProjectedView } from '../folding/projection.ts';
import type { ViewDeclaration } from '../record/viewDeclaration.ts';
import { users } from './users.ts';
import type { PersonaRecord, UserRecord } from '../../events/types.ts';
import type { DocumentView, RowView, ViewsByKind } from '../ports/view.ts';

/** The views of a padron. A newer version of a view is built as separate generations. */
export interface Views {
  personas: DocumentView<PersonaRecord>;
  users: DocumentView<UserRecord>;
  history: RowView;
}

export const VIEWS: Views = { personas, users, history };

/** All views, each with how its generations are made. */
export const projectedViews = (views: Views = VIEWS): ProjectedView[] =>
  listOf(views).map((view) => (hasRows(view) ? projectedRows(view) : projectedDocuments(view)));

/** All views by what they store. */
export const viewsByKind = (views: Views = VIEWS): ViewsByKind => ({
  documentViews: listOf(views).filter(hasDocuments),
  rowViews: listOf(views).filter(hasRows),
});

type View = DocumentView<object> | RowView;

const listOf = (views: Views): View[] => Object.values(views) as View[];
const hasRows = (view: View): view is RowView => 'rowOf' in view;
const hasDocuments = (view: View): view is DocumentView<object> => !hasRows(view);

/** The view with this name and version. Throws if there is none. */
export function viewDeclaredAs({ name, version }: ViewDeclaration): ProjectedView {
  const view = projectedViews().find((one) => one.name === name && one.version === version);
  if (!view) throw new Error(`there is no view ${name} of version ${version}`);
  return view;
}
