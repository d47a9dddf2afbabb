/** The formats that results come in. */
import type { Scores } from '../score.ts';
import { classroom } from './classroom.ts';
import { gradescope } from './gradescope.ts';
import { junit } from './junit.ts';
import { scoresText } from './text.ts';

export const FORMATS = {
  text: scoresText,
  json: (all: Scores) => JSON.stringify(all, null, 2),
  gradescope,
  classroom,
  junit,
} as const;

export type Format = keyof typeof FORMATS;
export const FORMAT_NAMES = Object.keys(FORMATS) as Format[];
