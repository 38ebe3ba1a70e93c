import { docs } from './docs.ts';
import { imports } from './imports.ts';
import { operations } from './operations.ts';
import { people } from './people.ts';
import { privacy } from './privacy.ts';
import * as refusals from './reasons.ts';
import * as requests from './requests.ts';
import { shell } from './shell.ts';

/** The texts of the console. The compiler checks that `es` has the same ones in Spanish. */
export const en = { ...shell, ...people, ...operations, imports, refusals, requests, ...privacy, ...docs };

export type Texts = typeof en;
