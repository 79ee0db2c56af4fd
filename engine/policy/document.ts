/**
 * One YAML file: parsed strictly (YAML 1.2 core, one document, text keys, no aliases, anchors or
 * tags), with the place of every key and value kept for the problems found later.
 *
 * The parser's own check of duplicate keys compares every key with every other, which a large map
 * turns into hours; it is off, and done here with a set.
 */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLError,
} from 'yaml';
import type { Problem } from '../problem.ts';
import type { Fault, FaultCode, FaultDetail } from './faults.ts';
import type { Json, Path } from './json.ts';
import { DEPTH_MAX_LEVELS, decode, fileProblem, SourceText, scan } from './source.ts';
import { syntaxProblem } from './syntax.ts';

/** After this many a person mends the first ones anyway. */
const PROBLEMS_MAX_COUNT = 300;

/** A file that was read as far as possible. */
export interface ReadDocument {
  readonly path: string;
  /** As written; empty where it is no text. */
  readonly text: string;
  /** undefined: it can't be read; the problems say why. */
  readonly value: Json | undefined;
  readonly problems: readonly Problem[];
  /** The problem of a fault at a path of this document; the nearest part that exists is shown. */
  problemAt(
    code: FaultCode,
    path: Path,
    at: 'key' | 'value',
    detail: FaultDetail,
    nearest?: string,
  ): Problem;
  /** True: the line was reported for full-width characters, and what else it says follows. */
  isMended(line: number): boolean;
}

/** Reads one file; never throws, whatever the bytes. */
export function readDocument(path: string, content: string | Uint8Array): ReadDocument {
  try {
    return readUnguarded(path, content);
  } catch (error) {
    // The scan bounds what the parser is given; this is the net below it.
    const what = error instanceof RangeError ? '层次过深' : '无法解析';
    return unread(path, '', [fileProblem('unreadable', path, { what })]);
  }
}

function readUnguarded(path: string, content: string | Uint8Array): ReadDocument {
  const { source, problems } = decode(path, content);
  if (source === null) return unread(path, '', problems);
  const scanned = scan(source);
  const found = [...problems, ...scanned.problems];
  if (scanned.text === null) return unread(path, source.text, found);
  const parsed = new SourceText(path, scanned.text);
  const document = parse(parsed, found);
  const located = new Located(source, parsed, document, scanned.mendedLines);
  const kept = bounded(
    path,
    found.filter(each => each.code === 'full-width' || !scanned.mendedLines.has(each.line)),
  );
  const broken = document === null || found.some(each => NO_VALUE.has(each.code));
  const value = broken ? undefined : (document.toJS() as Json);
  return {
    path,
    text: source.text,
    value,
    problems: kept,
    problemAt: (...fault) => located.problemAt(...fault),
    isMended: line => scanned.mendedLines.has(line),
  };
}

/** Without these the value is at least partly what the author meant, and is worth checking. */
const NO_VALUE: ReadonlySet<string> = new Set([
  'alias-forbidden',
  'too-deep',
  'yaml-syntax',
  'multiple-documents',
  'empty-document',
]);

function unread(path: string, text: string, problems: readonly Problem[]): ReadDocument {
  return {
    path,
    text,
    value: undefined,
    problems,
    problemAt: (code, _path, _at, detail) => fileProblem(code, path, detail),
    isMended: () => false,
  };
}

/**
 * A fault, and where it stands in a file: of an overlay's faults that is not the fault's own path.
 */
export interface PlacedFault {
  readonly fault: Fault;
  readonly path: Path;
}

/**
 * The problems of faults in their file, as many as are shown. What stands in a line with full-width
 * characters follows from them and is left out.
 */
export function placeFaults(document: ReadDocument, faults: readonly PlacedFault[]): Problem[] {
  const shown = faults.slice(0, PROBLEMS_MAX_COUNT).map(({ fault, path }) => {
    const { code, at, detail, nearest } = fault;
    return document.problemAt(code, path, at, detail, nearest?.());
  });
  const kept = shown.filter(problem => !document.isMended(problem.line));
  const count = faults.length - shown.length;
  return count === 0 ? kept : [...kept, fileProblem('more-problems', document.path, { count })];
}

/** The first problems of a file, and a line that says how many follow. */
function bounded(path: string, problems: readonly Problem[]): Problem[] {
  const distinct = new Map(
    problems.map(each => [`${each.line}:${each.column}:${each.code}:${each.message}`, each]),
  );
  const all = [...distinct.values()];
  if (all.length <= PROBLEMS_MAX_COUNT) return all;
  const count = all.length - PROBLEMS_MAX_COUNT;
  return [...all.slice(0, PROBLEMS_MAX_COUNT), fileProblem('more-problems', path, { count })];
}

function parse(source: SourceText, problems: Problem[]): Document | null {
  const documents = parseAllDocuments(source.text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [first, second] = documents;
  if (first === undefined || first.contents === null) {
    problems.push(source.problemAt('empty-document', 0));
    return null;
  }
  const faults: YAMLError[] = documents.flatMap(each => [...each.errors, ...each.warnings]);
  faults.sort((a, b) => a.pos[0] - b.pos[0]);
  // One more than is shown, so that the count below says that there are others.
  for (const fault of faults.slice(0, PROBLEMS_MAX_COUNT + 1)) {
    problems.push(syntaxProblem(source, fault));
  }
  if (second !== undefined) {
    problems.push(source.problemAt('multiple-documents', second.range[0]));
  }
  checkNodes(first, source, problems);
  return first as Document;
}

/** Aliases, anchors, tags, depth and duplicate keys, by an explicit stack. */
function checkNodes(document: Document.Parsed, source: SourceText, problems: Problem[]): void {
  const stack: [node: unknown, depth: number][] = [[document.contents, 1]];
  while (stack.length > 0) {
    const [node, depth] = stack.pop() as [Node | Pair | null, number];
    if (isPair(node)) {
      stack.push([node.value, depth], [node.key, depth]);
      continue;
    }
    if (node === null || node === undefined) continue;
    const offset = node.range?.[0] ?? 0;
    if (isAlias(node)) {
      problems.push(source.problemAt('alias-forbidden', offset));
      continue;
    }
    checkProperties(node, source, offset, problems);
    if (depth > DEPTH_MAX_LEVELS) {
      problems.push(source.problemAt('too-deep', offset, { limit: DEPTH_MAX_LEVELS }));
      continue;
    }
    if (isMap(node)) checkUnique(node.items, source, problems);
    if (isMap(node) || isSeq(node)) {
      for (const item of node.items) stack.push([item, depth + 1]);
    }
  }
}

function checkProperties(node: Node, source: SourceText, offset: number, problems: Problem[]) {
  const { anchor, tag } = node as { anchor?: string; tag?: string };
  if (anchor !== undefined) problems.push(source.problemAt('alias-forbidden', offset));
  if (tag !== undefined) problems.push(source.problemAt('tag-forbidden', offset, { name: tag }));
}

function checkUnique(pairs: readonly Pair[], source: SourceText, problems: Problem[]): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) {
      problems.push(source.problemAt('duplicate-key', key.range?.[0] ?? 0, { name }));
    }
    seen.add(name);
  }
}

/** The nodes of one parsed file, found by path. */
class Located {
  readonly #source: SourceText;
  readonly #parsed: SourceText;
  readonly #document: Document | null;
  readonly #mendedLines: ReadonlySet<number>;

  constructor(
    source: SourceText,
    parsed: SourceText,
    document: Document | null,
    mendedLines: ReadonlySet<number>,
  ) {
    this.#source = source;
    this.#parsed = parsed;
    this.#document = document;
    this.#mendedLines = mendedLines;
  }

  problemAt(
    code: FaultCode,
    path: Path,
    at: 'key' | 'value',
    detail: FaultDetail,
    nearest?: string,
  ): Problem {
    const { node, offset } = this.#find(path, at);
    // 0001 is 1 by now: what has to be quoted is what was written.
    const written = code === 'number-not-quoted' && isScalar(node) ? node.source : undefined;
    const shown = written === undefined ? detail : { ...detail, value: written };
    const problem = this.#parsed.problemAt(code, offset, shown, nearest);
    // Offsets are of the text that was parsed; people see their own.
    return this.#mendedLines.size === 0
      ? problem
      : { ...problem, excerpt: this.#source.lineText(problem.line) };
  }

  /** The node at a path and where it begins; of a path that ends early, its last part. */
  #find(path: Path, at: 'key' | 'value'): { node: unknown; offset: number } {
    let node: unknown = this.#document?.contents;
    let offset = (node as Node | undefined)?.range?.[0] ?? 0;
    for (const [index, step] of path.entries()) {
      const last = index === path.length - 1;
      let next: unknown;
      if (isMap(node)) {
        const pair = node.items.find(each => isScalar(each.key) && each.key.value === step);
        if (pair === undefined) return { node, offset };
        next = pair.value;
        offset = (pair.key as Node).range?.[0] ?? offset;
        if (last && at === 'key') return { node: pair.key, offset };
      } else if (isSeq(node) && typeof step === 'number') {
        next = node.items[step];
      } else return { node, offset };
      if (next === null || next === undefined) return { node, offset };
      node = next;
      offset = (node as Node).range?.[0] ?? offset;
    }
    return { node, offset };
  }
}
