/**
 * The one layout 统一写法 of a policy's documents, so that the difference between two years shows what
 * was decided and not who edited: two spaces to a level, entries one level below their key, one
 * blank line at most, quotes only where the value needs them. Comments, the order of keys, and
 * whether something stands in braces or in lines of its own stay as they were written.
 *
 * Never changes what a document says: the result is read again and held against what was read.
 */
import {
  CST,
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
} from 'yaml';
import { canonicalJson } from './canonical.ts';
import { fail } from './errors.ts';
import type { Json } from './json.ts';

const PARSING = { version: '1.2', schema: 'core', uniqueKeys: false, stringKeys: true } as const;
const WRITING = {
  indent: 2,
  indentSeq: true,
  lineWidth: 0,
  minContentWidth: 0,
  singleQuote: false,
  flowCollectionPadding: true,
  nullStr: 'null',
  trueStr: 'true',
  falseStr: 'false',
} as const;

/**
 * A readable document in the one layout; the same text where it is in it already.
 *
 * @param path of the file, for the error
 * @throws format-unsafe where the result would say something else
 */
export function formatDocument(path: string, source: string): string {
  // To YAML every line break is one; the parser keeps a comment's carriage return.
  const text = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const document = parseDocument(text, PARSING);
  if (document.errors.length > 0) throw fail('format-unsafe', { file: path });
  const before = canonicalJson(document.toJS() as Json);
  const comments = commentsOf(text);
  settle(document);
  const written = tidied(document.toString(WRITING));
  const after = parseDocument(written, PARSING);
  const same = after.errors.length === 0 && canonicalJson(after.toJS() as Json) === before;
  if (!same || commentsOf(written).join('\n') !== comments.join('\n')) {
    throw fail('format-unsafe', { file: path });
  }
  return written;
}

/** Every comment, in order, without the spaces around it. */
function commentsOf(text: string): string[] {
  return [...new Lexer().lex(text)]
    .filter(lexeme => CST.tokenType(lexeme) === 'comment')
    .map(lexeme => lexeme.trim());
}

/** Takes from every value how it happened to be written. */
function settle(document: Document): void {
  const stack: [node: unknown, inFlow: boolean][] = [[document.contents, false]];
  while (stack.length > 0) {
    const [node, inFlow] = stack.pop() as [Node | Pair | null, boolean];
    if (isPair(node)) {
      stack.push([node.key, inFlow], [node.value, inFlow]);
      continue;
    }
    if (node === null || node === undefined) continue;
    if (inFlow) node.spaceBefore = false;
    if (isScalar(node)) settleScalar(node);
    if (!isCollection(node)) continue;
    // A comment needs a line of its own, and braces have none.
    if (node.flow === true && !inFlow && node.items.length > 0 && hasComments(node)) {
      node.flow = false;
    }
    for (const item of node.items) stack.push([item, inFlow || node.flow === true]);
  }
}

function settleScalar(node: Scalar): void {
  if (typeof node.value === 'string') {
    const block = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
    if (!block) node.type = needsQuotes(node.value) ? Scalar.QUOTE_DOUBLE : Scalar.PLAIN;
    return;
  }
  // 0x10 and 1.50 are numbers like any other.
  delete node.source;
  delete node.format;
  delete node.minFractionDigits;
}

const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?$/;

/**
 * Beside what YAML 1.2 demands: text without a letter (`18:00`, `%`, codes), which some editors
 * read as a number or time, and full-width characters, which the loader refuses outside quotes.
 * Dates are left plain, as everybody writes them.
 */
function needsQuotes(text: string): boolean {
  if (DATE.test(text)) return false;
  return !/\p{L}/u.test(text) || /[\uFF1A\uFF10-\uFF19\u3000\u00A0]/.test(text);
}

function hasComments(node: unknown): boolean {
  if (isPair(node)) return hasComments(node.key) || hasComments(node.value);
  if (!isCollection(node) && !isScalar(node)) return false;
  if (node.comment || node.commentBefore) return true;
  if (!isMap(node) && !isSeq(node)) return false;
  return node.comment !== undefined || node.items.some(hasComments);
}

/**
 * The spaces that the writer leaves: `[a, b]` beside `{ a: b }`, no space at a comment's end, one
 * blank line at most, none at the end of the file. By lexemes, so that no text is touched.
 */
function tidied(text: string): string {
  const kept: string[] = [];
  let blank = 0;
  const lexemes = [...new Lexer().lex(text)].filter(lexeme => !MARKS.has(lexeme));
  const kinds = lexemes.map(lexeme => CST.tokenType(lexeme));
  for (const [at, lexeme] of lexemes.entries()) {
    const kind = kinds[at];
    const inside = kinds[at - 1] === 'flow-seq-start' || kinds[at + 1] === 'flow-seq-end';
    if (kind === 'space' && (inside || kinds[at + 1] === 'newline')) continue;
    if (kind === 'newline') {
      blank += 1;
      if (blank > BLANK_MAX_COUNT + 1 || kept.length === 0) continue;
    } else if (kind !== 'space') blank = 0;
    kept.push(kind === 'comment' ? lexeme.trimEnd() : lexeme);
  }
  while (kept.length > 1 && /^\n$/.test(kept.at(-1) ?? '') && kept.at(-2) === '\n') kept.pop();
  return kept.join('');
}

const BLANK_MAX_COUNT = 1;
/** What the lexer puts in between and is no text. */
const MARKS: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.SCALAR, CST.FLOW_END]);
