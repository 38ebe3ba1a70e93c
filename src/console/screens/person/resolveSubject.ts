import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { go, useAddress } from '../../app/address.ts';
import { pathWith } from '../../app/api.ts';
import { useGet } from '../../app/useGet.ts';
import { Failure, Loading } from '../../parts/notices.ts';
import { html } from '../../parts/html.ts';
import { KINDS, personUrl, type Document } from '../people/kinds.ts';
import type { HistoryPage } from './timeline/useTimeline.ts';

/**
 * Leads from a subject (user-15) to the user's page, which goes by DNI: the last one in the history. Keeps the revision.
 * A user who no longer holds that DNI is shown in the audit instead.
 */
export function ResolveSubject({ subject }: { subject: string }): VNode {
  const revision = useAddress().query.get('revision');
  const history = useGet<HistoryPage>(pathWith('/audit', { subject, field: 'dni', limit: 1 }));
  const dni = history.answer?.body.entries[0]?.changes.find(({ field }) => field === 'dni')?.after;
  const document = useGet<Document>(typeof dni === 'string' ? `/users/${encodeURIComponent(dni)}` : null);
  const isSame = document.answer && `user-${String(document.answer.body['IdUsuario'])}` === subject;
  const isNobody = history.answer && dni === undefined;
  const isOther = (document.answer && !isSame) ?? document.error?.status === 404;
  useEffect(() => {
    if (isSame && typeof dni === 'string')
      go(pathWith(personUrl(KINDS.users, dni), { revision }), { replace: true });
    else if (isOther || isNobody) go(pathWith('/console/audit', { subject }), { replace: true });
  }, [isSame, isOther, isNobody]);
  const { error, reload } = history.error ? history : document;
  return error && !error.isGone ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Loading} />`;
}
