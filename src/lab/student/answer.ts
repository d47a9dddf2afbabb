/** What a submission's process says about a call, read with suspicion. */
import { WrongAnswer, firstLine } from '../outcome.ts';
import type { Message } from './functions.ts';
import { WireError, fromWire } from './wire.ts';

export interface Thrown {
  name: string;
  message: string;
}

/** A result, or whose fault it is that there is none: always the submission's. */
export type Answer = { value: unknown } | { fault: WrongAnswer; thrown?: Thrown };

export function fault(expected: string, seen: string): WrongAnswer {
  return new WrongAnswer({ expected, seen: firstLine(seen) });
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

function errorOf(message: Message) {
  const { name, message: says, stack } = (message['error'] ?? {}) as Record<string, unknown>;
  // The first place in a file of the submission's own.
  const place = /([\w.-]+\.ts):(\d+):(\d+)/.exec(text(stack));
  const thrown = { name: text(name), message: text(says) };
  return { thrown, told: `it threw ${thrown.name}: ${thrown.message}${place ? ` at ${place[0]}` : ''}` };
}

function resultOf(name: string, value: unknown): Answer {
  try {
    return { value: fromWire(value) };
  } catch (error) {
    return { fault: fault(`${name}() to return plain data`, `what it returned ${(error as Error).message}`) };
  }
}

/**
 * @param name of the export that was called
 * @param exports of the submission
 * @throws WireError for a message of no known type
 */
export function answerOf(message: Message, name: string, exports: readonly string[]): Answer {
  const { thrown, told } = errorOf(message);
  switch (message['type']) {
    case 'ready':
      return { value: message['exports'] };
    case 'unloadable':
      return { fault: fault('exercise.ts to load', told) };
    case 'missing': {
      const have = exports.length ? `it exports ${exports.slice(0, 8).join(', ')}` : 'it exports nothing';
      return { fault: fault(`exercise.ts to export a function ${name}`, have) };
    }
    case 'thrown':
      return { fault: fault(`${name}() to return`, told), thrown };
    case 'unfit':
      return { fault: fault(`${name}() to return plain data`, `what it returned ${thrown.message}`) };
    case 'result':
      return resultOf(name, message['value']);
    default:
      throw new WireError('wrote something that is no message');
  }
}
