import type { ReasonDetails } from '../../texts/en/reasons.ts';
import { texts } from '../../texts/texts.ts';

/** Why a list or a line of it is refused, as the API answers it. */
export interface Reason {
  code: string;
  member?: string;
  wanted?: unknown;
  hint?: string;
  members?: readonly string[];
  columns?: readonly string[];
  line?: number;
}

/** A reason in the language of this browser; for an unknown code `otherwise`, the server's words. */
export function reasonWords(reason: Reason, otherwise: string): string {
  const { reasons, hints } = texts().refusals;
  const words = reasons[reason.code];
  if (!words) return otherwise;
  const hint = reason.hint === undefined ? undefined : hints[reason.hint];
  const text = words(detailsOf(reason));
  return hint === undefined ? text : `${text}: ${hint}`;
}

function detailsOf({ code, member = '', wanted, members = [], columns = [], line }: Reason): ReasonDetails {
  const { types, or } = texts().refusals;
  const values = [wanted ?? []].flat().map(String);
  return {
    member,
    wanted: code === 'type' ? values.map((type) => types[type] ?? type).join(or) : values.join(', '),
    members: members.join(', '),
    columns: columns.join(', '),
    line: String(line ?? ''),
  };
}
