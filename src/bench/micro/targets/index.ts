/** All targets of the micro workloads, in the order in which tables show them. */
import type { MicroTarget } from '../target.ts';
import { baselines } from './baselines.ts';
import { plain } from './plain.ts';
import { platforms } from './ring3.ts';
import { runscTargets } from './runsc.ts';

export const microTargets: readonly MicroTarget[] = [plain, ...platforms, ...runscTargets, ...baselines];
