export type ImportKind = 'users' | 'personas';
export type ListFormat = 'csv' | 'ndjson';

/** A line of a list: its members, or why it has none. `line` counts from 1 and is where the line begins in the file. */
export type ListLine = { line: number; members: Members; hints?: Hints } | { line: number; problem: string };

/** What a line says, by the names of the members. */
export type Members = Record<string, unknown>;

/** By member: what to do where its value turns out to be wrong. */
export type Hints = Partial<Record<string, string>>;

/** Longest line in characters: no record comes near it, and memory stays bounded. */
export const MAX_LINE_LENGTH = 1024 * 1024;

export const NOT_DECODED = 'has bytes that are no characters in the encoding of the file';
