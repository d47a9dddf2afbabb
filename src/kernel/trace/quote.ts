/** Strings in quotes, as C writes them: cut after 32 bytes unless they are names. */
export const SHOWN = 32;

const ESCAPES: Readonly<Record<number, string>> = {
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

/** @param bytes as latin1 @param cut there is more of it */
export function quote(bytes: string, cut = false): string {
  let text = '';
  for (let at = 0; at < bytes.length; at++) text += shown(bytes.charCodeAt(at), bytes.charCodeAt(at + 1));
  return `"${text}"${cut ? '...' : ''}`;
}

/** Octal takes the fewest digits that the next byte does not add to. */
function shown(byte: number, next: number): string {
  const escape = ESCAPES[byte];
  if (escape !== undefined) return escape;
  if (byte >= 32 && byte < 127) return String.fromCharCode(byte);
  const digits = byte.toString(8);
  return `\\${next >= 48 && next <= 57 ? digits.padStart(3, '0') : digits}`;
}

/** Random bytes. */
export function quoteHex(bytes: Buffer, cut: boolean): string {
  const text = [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  return `"${text}"${cut ? '...' : ''}`;
}
