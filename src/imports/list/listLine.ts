import type { Reason } from '../../projections/record/listImport.ts';
import type { HintCode } from '../reasons/hintTexts.ts';

export type ImportKind = 'users' | 'personas';
export type ListFormat = 'csv' | 'ndjson';

/** A line of a list: its members, or why it has none. `line` counts from 1 and is where the line begins in the file. */
export type ListLine = { line: number; members: Members; hints?: Hints } | { line: number; problem: Reason };

/** What a line says, by the names of the members. */
export type Members = Record<string, unknown>;

/** By member: what to do where its value turns out to be wrong. */
export type Hints = Partial<Record<string, HintCode>>;

/** Longest line in characters: no record comes near it, and memory stays bounded. */
export const MAX_LINE_LENGTH = 1024 * 1024;
