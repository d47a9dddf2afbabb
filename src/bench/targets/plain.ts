/** What everything is compared with: a child that is not confined at all. */
import { execStep } from '../program.ts';
import { planned } from './planned.ts';

export const plain = planned({
  name: 'plain',
  family: 'plain',
  title: 'a plain child',
  plan: (argv) => [execStep(argv)],
});
