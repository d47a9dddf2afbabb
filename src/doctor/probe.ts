/** One probe: done once a process, within its time, and with the fix for this host when it fails. */
import { currentAsker } from './asker.ts';
import { fixFor } from './hosts/index.ts';
import { hostFacts } from './host.ts';
import { noAnswer, timeLimit } from './patience.ts';
import { probes } from './registry.ts';
import type { Finding, ProbeDefinition, ProbeResult } from './result.ts';

const cache = new Map<string, Promise<ProbeResult>>();

/**
 * @param deadline on the clock of `performance.now()`
 * @throws Error for an id that is not in the registry.
 */
export function probe(id: string, deadline = Number.POSITIVE_INFINITY): Promise<ProbeResult> {
  const definition = probes.get(id);
  if (!definition) throw new Error(`There is no probe "${id}"; src/doctor/README.md lists them.`);
  let result = cache.get(id);
  if (!result) {
    result = perform(definition, deadline);
    cache.set(id, result);
  }
  return result;
}

async function perform(definition: ProbeDefinition, deadline: number): Promise<ProbeResult> {
  const start = performance.now();
  const finding = await lookInTime(definition, deadline);
  const milliseconds = Math.round(performance.now() - start);
  const result = judge(definition, finding, milliseconds);
  if (result.ok === true) return result;
  const because = finding.because ?? (await reason(definition, deadline));
  if (because !== undefined) return { ...result, because };
  const fix = fixFor({ id: definition.id, ...finding }, hostFacts());
  return fix === undefined ? result : { ...result, fix };
}

async function lookInTime(definition: ProbeDefinition, deadline: number): Promise<Finding> {
  const limit = new AbortController();
  const patience = Math.max(0, Math.min(await timeLimit(), deadline - performance.now()));
  const late: Finding = { ok: false, seen: noAnswer(patience) };
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      resolve(late);
      limit.abort();
    }, patience);
  });
  try {
    return await Promise.race([definition.look(limit.signal), timeout]);
  } catch (error) {
    return { ok: false, seen: `the probe itself failed: ${(error as Error).message.split('\n', 1)[0]}` };
  } finally {
    clearTimeout(timer);
  }
}

function judge(definition: ProbeDefinition, finding: Finding, milliseconds: number): ProbeResult {
  const { id, title, group, neededBy, why } = definition;
  const { ok, seen, errno } = finding;
  const instead = ok ? undefined : (finding.instead ?? definition.otherwise?.(currentAsker()));
  return {
    id,
    title,
    group,
    ok: ok || (instead === undefined ? false : 'degraded'),
    seen: instead === undefined ? seen : `${seen}; ${instead}`,
    ...(errno !== undefined && { errno }),
    neededBy,
    why,
    milliseconds,
  };
}

/** The first failed probe on which this one rests, and that rests on no failed one itself. */
async function reason(definition: ProbeDefinition, deadline: number): Promise<string | undefined> {
  for (const id of definition.restsOn?.(currentAsker()) ?? []) {
    const below = await probe(id, deadline);
    if (below.ok !== true) return below.because ?? id;
  }
  return undefined;
}
