import type { DomainEvent, EventMetadata } from './types.ts';

/** Members named in a sentence; of more than these, how many more. */
const MAX_NAMED = 4;

/**
 * What happened, in one human sentence, for a timeline. It names members, never their values: a sentence is passed on more easily
 * than a record. `revertTo` is that of the event's metadata.
 */
export function describe(event: DomainEvent, { revertTo }: Pick<EventMetadata, 'revertTo'> = {}): string {
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
