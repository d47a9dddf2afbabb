/** Markdown within a line, for a terminal. */
import type { Token, Tokens } from 'marked';
import pc from 'picocolors';

/** Colours word by word: a line break may fall between any two. */
function each(text: string, paint: (word: string) => string): string {
  return text.replace(/[^\s]+/g, (word) => paint(word));
}

/** marked leaves HTML's entities in its texts. */
export function unescape(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => named[name] ?? '');
}

function link({ href, text, tokens }: Tokens.Link): string {
  const shown = inline(tokens);
  return href === text || href.startsWith('#') ? shown : `${shown} ${each(`<${href}>`, pc.dim)}`;
}

export function inline(tokens: readonly Token[]): string {
  return tokens.map(one).join('');
}

function one(token: Token): string {
  switch (token.type) {
    case 'strong':
      return each(inline((token as Tokens.Strong).tokens), pc.bold);
    case 'em':
      return each(inline((token as Tokens.Em).tokens), pc.italic);
    case 'del':
      return each(inline((token as Tokens.Del).tokens), pc.strikethrough);
    case 'codespan':
      return each(unescape((token as Tokens.Codespan).text), pc.cyan);
    case 'link':
      return link(token as Tokens.Link);
    case 'image':
      return `[picture: ${(token as Tokens.Image).text}]`;
    case 'br':
      return '\n';
    case 'html':
      return '';
    default: {
      const { tokens, text, raw } = token as Tokens.Text;
      return tokens ? inline(tokens) : unescape(text ?? raw).replaceAll('\n', ' ');
    }
  }
}
