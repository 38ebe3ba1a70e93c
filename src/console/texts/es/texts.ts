import type { Texts } from '../en/texts.ts';
import { docs } from './docs.ts';
import { imports } from './imports.ts';
import { operations } from './operations.ts';
import { people } from './people.ts';
import { privacy } from './privacy.ts';
import * as refusals from './reasons.ts';
import * as requests from './requests.ts';
import { shell } from './shell.ts';

export const es: Texts = {
  ...shell,
  ...people,
  ...operations,
  imports,
  refusals,
  requests,
  ...privacy,
  ...docs,
};
