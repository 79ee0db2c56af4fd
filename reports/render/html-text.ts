/** Text inside HTML. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escaped for element content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, character => ENTITIES[character] as string);
}

/** Control characters, which neither HTML nor SVG has a place for, become �. */
export function visible(text: string): string {
  return text.replace(CONTROL, '\ufffd');
}

// HTML has no place for most control characters; one in a name is a fault worth seeing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is about control characters
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
