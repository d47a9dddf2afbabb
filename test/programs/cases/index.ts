/** The whole table. */
import type { Case } from '../case.ts';
import { archives } from './archives.ts';
import { coreutils } from './coreutils.ts';
import { perls } from './perl.ts';
import { pythons } from './python.ts';
import { shells } from './shells.ts';
import { text } from './text.ts';
import { tools } from './tools.ts';

export const cases: readonly Case[] = [
  ...coreutils,
  ...shells,
  ...text,
  ...archives,
  ...perls,
  ...pythons,
  ...tools,
];
