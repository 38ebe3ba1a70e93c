/** Members named in a sentence; further ones are only counted. */
const MAX_NAMED = 4;

/** The sentence of a change. It names the members, never their values. */
export function describeChange(
  whose: string,
  members: readonly string[],
  revertTo: number | undefined,
): string {
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
