/** Colour on a terminal only, where NO_COLOR does not forbid it. */
import pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;

export interface Page {
  width: number;
  colours: Colours;
  write(lines: readonly string[]): void;
}

const DEFAULT_WIDTH = 100;
const NARROWEST = 40;

export function page(stream: NodeJS.WriteStream): Page {
  return {
    width: Math.max(NARROWEST, stream.columns || DEFAULT_WIDTH),
    colours: pc.createColors(stream.isTTY === true && pc.isColorSupported),
    write: (lines) => void stream.write(lines.map((line) => `${line}\n`).join('')),
  };
}
