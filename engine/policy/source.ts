/**
 * From the bytes of a file to text that is safe to parse: bounded in size and depth, UTF-8, free of
 * control characters, and with every full-width character outside quoted text reported – because
 * `名称：值` would be one silent string.
 */
import { CST, Lexer } from 'yaml';
import type { Problem } from '../problem.ts';
import { type FaultCode, type FaultDetail, sentenceOf, severityOf } from './faults.ts';

/** A year's largest document, 630 schools × 22 cities of lines, is 1.2 MB. */
export const FILE_SIZE_MAX_BYTES = 2 * 1024 * 1024;
/** Nothing in a policy is nested by more than about twelve levels. */
export const DEPTH_MAX_LEVELS = 32;
/** Beyond this column a block cannot begin: bounds the depth of blocks before they are parsed. */
const BLOCK_COLUMN_MAX_CHARACTERS = 200;
/**
 * Each costs some microseconds and some hundred bytes in the parser; the largest document that a
 * year could need has half of it.
 */
const LEXEME_MAX_COUNT = 700_000;
const EXCERPT_MAX_CHARACTERS = 200;

/** A text with its lines, which turns offsets into places. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: number[] = [0];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
      this.#lineStarts.push(at + 1);
    }
  }

  /** 1-based. */
  lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** 1-based line and column of an offset; the column counts characters, not UTF-16 units. */
  placeOf(offset: number): { line: number; column: number } {
    const at = Math.max(0, Math.min(offset, this.text.length));
    const line = this.lineOf(at);
    const start = this.#lineStarts[line - 1];
    // A line may be megabytes long: count what precedes only as far as anybody would.
    const before = this.text.slice(start, at);
    const column = before.length > 10_000 ? before.length + 1 : [...before].length + 1;
    return { line, column };
  }

  lineText(line: number): string {
    const start = this.#lineStarts[line - 1] ?? 0;
    const end = this.#lineStarts[line] ?? this.text.length + 1;
    const text = this.text.slice(start, Math.min(end - 1, start + 2 * EXCERPT_MAX_CHARACTERS));
    const characters = [...text.replace(/\r$/, '')];
    return characters.slice(0, EXCERPT_MAX_CHARACTERS).join('');
  }

  problemAt(code: FaultCode, offset: number, detail: FaultDetail = {}, nearest?: string): Problem {
    const { line, column } = this.placeOf(offset);
    return {
      code,
      severity: severityOf(code),
      file: this.file,
      line,
      column,
      excerpt: this.lineText(line),
      message: sentenceOf(code, detail, nearest),
      ...(nearest === undefined ? {} : { nearest }),
    };
  }
}

/** A problem of a file as a whole, which has no line to show. */
export function fileProblem(code: FaultCode, file: string, detail: FaultDetail = {}): Problem {
  const message = sentenceOf(code, detail);
  return { code, severity: severityOf(code), file, line: 0, column: 0, excerpt: '', message };
}

export interface Decoded {
  readonly source: SourceText | null;
  readonly problems: Problem[];
}

/** Bytes or text to a SourceText; null where it can't be read at all. */
export function decode(file: string, content: string | Uint8Array): Decoded {
  const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
  if (bytes > FILE_SIZE_MAX_BYTES) {
    const detail = { bytes, limit: FILE_SIZE_MAX_BYTES };
    return { source: null, problems: [fileProblem('file-too-large', file, detail)] };
  }
  if (typeof content === 'string') return checkCharacters(file, content.replace(/^\uFEFF/, ''));
  try {
    return checkCharacters(file, new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch {
    const lenient = new TextDecoder('utf-8').decode(content);
    const source = new SourceText(file, lenient);
    const at = lenient.indexOf('\uFFFD');
    return { source: null, problems: [source.problemAt('invalid-utf8', Math.max(0, at))] };
  }
}

function checkCharacters(file: string, text: string): Decoded {
  const source = new SourceText(file, text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const found = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/.exec(text);
  if (found === null) return { source, problems: [] };
  const value = found[0].charCodeAt(0);
  const character = `U+${value.toString(16).toUpperCase().padStart(4, '0')}`;
  const code = value === 0 ? 'nul-byte' : 'control-character';
  return { source: null, problems: [source.problemAt(code, found.index, { character })] };
}

export interface Scanned {
  /**
   * The text to parse: as the source, but with the full-width characters outside quotes mended, so
   * that one slip does not hide the file's other faults. Null: not to be parsed.
   */
  readonly text: string | null;
  readonly problems: Problem[];
  /** Lines with a full-width character: what else is found there follows from it. */
  readonly mendedLines: ReadonlySet<number>;
}

const FULL_WIDTH = /[\uFF1A\uFF10-\uFF19\u3000\u00A0]/g;
const SCALAR_FOLLOWS = '\u001F';
const DOCUMENT_FOLLOWS = '\u0002';
const FLOW_BROKEN = '\u0018';

interface Mend {
  readonly offset: number;
  readonly instead: string;
}

/**
 * Goes over the lexemes of the text, by the parser's own lexer, which does not recurse: bounds the
 * depth before the parser does, and finds full-width characters in plain scalars.
 */
export function scan(source: SourceText): Scanned {
  const state = new ScanState(source);
  for (const lexeme of new Lexer().lex(source.text)) {
    const stop = state.take(lexeme);
    if (stop !== null) return { text: null, problems: [stop], mendedLines: new Set() };
  }
  return state.finish();
}

class ScanState {
  readonly #source: SourceText;
  readonly #problems: Problem[] = [];
  readonly #mends: Mend[] = [];
  readonly #mendedLines = new Set<number>();
  #offset = 0;
  #lineStart = 0;
  #count = 0;
  #flowDepth = 0;
  #indicatorsInLine = 0;
  #scalarFollows = false;
  #inBlockScalar = false;
  #afterColon = false;
  #brokenIndent = false;

  constructor(source: SourceText) {
    this.#source = source;
  }

  /** @returns the problem for which the file is not to be parsed, or null */
  take(lexeme: string): Problem | null {
    if (lexeme === DOCUMENT_FOLLOWS) return null;
    if (lexeme === FLOW_BROKEN) {
      this.#flowDepth = 0;
      return null;
    }
    if (lexeme === SCALAR_FOLLOWS) {
      this.#scalarFollows = true;
      return null;
    }
    this.#count += 1;
    if (this.#count > LEXEME_MAX_COUNT) {
      return this.#source.problemAt('too-complex', this.#offset, { limit: LEXEME_MAX_COUNT });
    }
    const tooDeep = this.#scalarFollows ? false : this.#takeIndicator(lexeme);
    if (this.#scalarFollows) this.#takeScalar(lexeme);
    this.#scalarFollows = false;
    if (tooDeep) {
      return this.#source.problemAt('too-deep', this.#offset, { limit: DEPTH_MAX_LEVELS });
    }
    this.#offset += lexeme.length;
    const newline = lexeme.lastIndexOf('\n');
    if (newline !== -1) {
      this.#lineStart = this.#offset - lexeme.length + newline + 1;
      this.#indicatorsInLine = 0;
    }
    return null;
  }

  /** @returns whether it goes too deep */
  #takeIndicator(lexeme: string): boolean {
    const kind = CST.tokenType(lexeme);
    if (kind === 'flow-map-start' || kind === 'flow-seq-start') this.#flowDepth += 1;
    if (kind === 'flow-map-end' || kind === 'flow-seq-end') this.#flowDepth -= 1;
    if (kind === 'block-scalar-header') this.#inBlockScalar = true;
    if (kind !== 'space') this.#afterColon = kind === 'map-value-ind';
    const opensBlock =
      kind === 'seq-item-ind' || kind === 'explicit-key-ind' || kind === 'map-value-ind';
    if (opensBlock && this.#flowDepth === 0) this.#indicatorsInLine += 1;
    const indent = this.#flowDepth === 0 && this.#offset === this.#lineStart && kind === 'space';
    return (
      this.#flowDepth > DEPTH_MAX_LEVELS ||
      this.#indicatorsInLine > DEPTH_MAX_LEVELS ||
      (indent && lexeme.length > BLOCK_COLUMN_MAX_CHARACTERS)
    );
  }

  #takeScalar(lexeme: string): void {
    const text = this.#inBlockScalar;
    this.#inBlockScalar = false;
    if (text) return;
    const inKey = !this.#afterColon;
    this.#afterColon = false;
    let colonMended = false;
    for (const match of lexeme.matchAll(FULL_WIDTH)) {
      const offset = this.#offset + match.index;
      const separates: boolean = match[0] === '：' && inKey && !colonMended;
      colonMended ||= separates;
      this.#fullWidth(offset, match[0], separates);
    }
  }

  #fullWidth(offset: number, character: string, separates: boolean): void {
    const space = character === '\u3000' || character === '\u00A0';
    const ascii = character === '：' ? ':' : space ? ' ' : String(character.charCodeAt(0) - 0xff10);
    const indent = this.#source.text.slice(Math.max(this.#lineStart, offset - 200), offset);
    if (space && indent.trim() === '') this.#brokenIndent = true;
    const spaced = /\s/.test(this.#source.text[offset + 1] ?? ' ');
    const instead = separates && !spaced ? ': ' : character === '：' && !separates ? '：' : ascii;
    this.#mends.push({ offset, instead });
    // One report per line: a line of full-width digits is one slip.
    const line = this.#source.lineOf(offset);
    if (this.#mendedLines.has(line)) return;
    this.#mendedLines.add(line);
    const detail = {
      character: space ? (character === '\u3000' ? '全角空格' : '不间断空格') : character,
      instead: space ? '空格' : ascii,
    };
    this.#problems.push(this.#source.problemAt('full-width', offset, detail));
  }

  finish(): Scanned {
    const text = this.#brokenIndent ? null : this.#mended();
    return { text, problems: this.#problems, mendedLines: this.#mendedLines };
  }

  #mended(): string {
    const parts: string[] = [];
    let from = 0;
    for (const { offset, instead } of this.#mends) {
      parts.push(this.#source.text.slice(from, offset), instead);
      from = offset + 1;
    }
    parts.push(this.#source.text.slice(from));
    return parts.join('');
  }
}
