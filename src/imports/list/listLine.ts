import type { Reason } from '../../projections/record/listImport.ts';
import type { HintCode } from '../reasons/hintTexts.ts';

export type ImportKind = 'users' | 'personas';
export type ListFormat = 'csv' | 'ndjson';

/** A line of a list: its members, or why it has none. `line`: where it begins in the file, from 1. */
export type ListLine = { line: number; members: Members; hints?: Hints } | { line: number; problem: Reason };

/** The values of a line by member. */
export type Members = Record<string, unknown>;

/** By member: what to do if its value is invalid. */
export type Hints = Partial<Record<string, HintCode>>;

/** Longest line in characters: no record comes near it, and memory stays bounded. */
export const MAX_LINE_LENGTH = 1024 * 1024;
