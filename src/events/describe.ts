import type { EventMetadata, ReadEvent } from './types.ts';

/** Members named in a sentence; further ones are only counted. */
const MAX_NAMED = 4;

/**
 * Summarises an event in one sentence for a timeline. It names members but never their values,
 * because summaries are shared more easily than records. `revertTo` is the event metadata's.
 */
export function describe(event: ReadEvent, { revertTo }: Pick<EventMetadata, 'revertTo'> = {}): string {
  switch (event.type) {
    case 'PersonaRegistered':
      return 'The person was registered.';
    case 'PersonaProfileUpdated':
      return describeChange("The person's", Object.keys(event.data.changes), revertTo);
    case 'UserRegistered':
      return 'The user was registered.';
    case 'UserEdited':
      return describeChange("The user's", Object.keys(event.data.changes), revertTo);
    case 'UserRemoved':
      return 'The user was taken off the roll.';
    case 'SubjectErased':
      return 'All that was stored of this subject was erased.';
    case 'Erased':
      return 'What this event said was erased.';
    default:
      return event satisfies never;
  }
}

function describeChange(whose: string, members: readonly string[], revertTo: number | undefined): string {
  const were = members.length === 1 ? 'was' : 'were';
  const how = revertTo === undefined ? 'changed' : `put back to what revision ${revertTo} had`;
  return `${whose} ${enumerate(members)} ${were} ${how}.`;
}

function enumerate(members: readonly string[]): string {
  const more = members.length - MAX_NAMED;
  const named = more > 1 ? [...members.slice(0, MAX_NAMED), `${more} more`] : members;
  if (named.length < 2) return named.join('');
  return `${named.slice(0, -1).join(', ')} and ${String(named.at(-1))}`;
}
