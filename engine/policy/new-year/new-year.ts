/**
 * A policy of another year 新年度政策 from this year's: every file as it is written, with its
 * comments and its order, in which only dates, the identity and drawn seeds are replaced.
 *
 * A date that a document announced is true of that document's year alone. It becomes empty – its
 * phase is closed, and the check says so – because a moved date under last year's article would be
 * a false citation. Dates without a document (`sample`), of rules and of examples are moved.
 */
import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { isRealDate, isRealMoment } from '../dates.ts';
import { SourceText } from '../source.ts';
import { type Decision, type DecisionKind, daysText } from './decisions.ts';
import { type DateRule, movedDate } from './move-date.ts';

export interface NewYearInput {
  /** Path in the folder → YAML of a checked policy. */
  readonly files: ReadonlyMap<string, string>;
  readonly from: { readonly id: string; readonly season: number };
  /** Later than the season of `from`. */
  readonly season: number;
  /** What becomes of announced dates. */
  readonly dates: 'empty' | DateRule;
}

export interface NewYear {
  readonly id: string;
  readonly files: ReadonlyMap<string, string>;
  readonly decisions: readonly Decision[];
}

/** Deterministic; the files are not checked here. */
export function newYear(input: NewYearInput): NewYear {
  const closed = input.dates === 'empty' ? closedPhases(input.files) : new Set<string>();
  const phases = batchPhases(input.files);
  const files = new Map<string, string>();
  const decisions: Decision[] = [];
  for (const [path, text] of [...input.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const work = new FileWork(path, text, input, batch => closed.has(phases.get(batch) ?? ''));
    const done = work.run();
    files.set(path, done.text);
    decisions.push(...done.decisions);
  }
  return { id: idOf(input), files, decisions };
}

function idOf({ from, season }: NewYearInput): string {
  const { id, season: old } = from;
  return id.includes(String(old)) ? id.replace(String(old), String(season)) : `${id}-${season}`;
}

/** Phases whose days a document announced, or which have none. */
function closedPhases(files: ReadonlyMap<string, string>): Set<string> {
  const ids = entries(files.get('calendar.yaml'), 'phases')
    .filter(entry => entry.get('basis') !== 'sample' || !isSeq(entry.get('window')))
    .map(entry => String(entry.get('id')));
  return new Set(ids);
}

function batchPhases(files: ReadonlyMap<string, string>): Map<string, string> {
  const batches = entries(files.get('batches.yaml'), 'batches');
  return new Map(batches.map(each => [String(each.get('id')), String(each.get('phase'))]));
}

function entries(text: string | undefined, key: string): YAMLMap[] {
  const list = parseDocument(text ?? '').get(key);
  return isSeq(list) ? list.items.filter(isMap) : [];
}

/** The entry that a value stands in. */
interface Around {
  readonly title: string;
  readonly basis: string;
  readonly entry: YAMLMap | null;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly instead: string;
}

type Found = Omit<Decision, 'file' | 'line'> & { readonly offset: number };

class FileWork {
  readonly #path: string;
  readonly #text: string;
  readonly #input: NewYearInput;
  readonly #isClosed: (batch: string) => boolean;
  readonly #years: number;
  readonly #edits: Edit[] = [];
  readonly #found: Found[] = [];

  constructor(
    path: string,
    text: string,
    input: NewYearInput,
    isClosed: (batch: string) => boolean,
  ) {
    this.#path = path;
    this.#text = text;
    this.#input = input;
    this.#isClosed = isClosed;
    this.#years = input.season - input.from.season;
  }

  run(): { readonly text: string; readonly decisions: Decision[] } {
    const { contents } = parseDocument(this.#text);
    if (this.#path === 'policy.yaml' && isMap(contents)) this.#identity(contents);
    this.#walk(contents, { title: '全文', basis: '', entry: null }, []);
    this.#comments();
    const text = this.#edited();
    // Edits replace within a line, so that line numbers of old and new are the same.
    const source = new SourceText(this.#path, this.#text);
    const decisions = this.#found
      .sort((a, b) => a.offset - b.offset)
      .map(({ offset, ...rest }) => ({
        ...rest,
        file: this.#path,
        line: source.lineOf(offset),
      }));
    return { text, decisions };
  }

  #edited(): string {
    const parts: string[] = [];
    let from = 0;
    for (const edit of this.#edits.sort((a, b) => a.from - b.from)) {
      parts.push(this.#text.slice(from, edit.from), edit.instead);
      from = edit.to;
    }
    return [...parts, this.#text.slice(from)].join('');
  }

  #replace(node: unknown, instead: string): void {
    const [from, to] = (node as Node).range as [number, number, number];
    this.#edits.push({ from, to, instead });
  }

  #decide(kind: DecisionKind, node: unknown, title: string, rest: Partial<Found>): void {
    const offset = (node as Node).range?.[0] ?? 0;
    this.#found.push({ kind, offset, title, was: '', now: null, proposals: [], ...rest });
  }

  #identity(contents: YAMLMap): void {
    const { from, season } = this.#input;
    this.#replace(contents.get('id', true), idOf(this.#input));
    this.#replace(contents.get('season', true), String(season));
    const title = contents.get('title', true);
    const [start, end] = (title as Node).range as [number, number, number];
    const written = this.#text.slice(start, end);
    this.#replace(title, written.replaceAll(String(from.season), String(season)));
  }

  #walk(node: unknown, around: Around, keys: readonly string[]): void {
    if (isSeq(node)) {
      for (const item of node.items) this.#walk(item, around, keys);
    } else if (isMap(node)) {
      const own = keys[0] === 'numbers' ? { ...around, title: '考生号样式', basis: '' } : around;
      const inside = aroundOf(node, own);
      if (this.#isLine(keys)) this.#line(node, inside);
      for (const pair of node.items) this.#pair(pair, inside, keys);
    } else this.#scalar(node, around, keys);
  }

  #pair({ key, value }: Pair, around: Around, keys: readonly string[]): void {
    const name = String(isScalar(key) ? key.value : key);
    const below = [...keys, name];
    if (name === 'basis' && isScalar(value)) this.#basis(value, around, keys);
    else if (name === 'window') this.#window(value, around);
    else if (name === 'date' && !this.#inTests()) this.#date(value, around);
    else if (name === 'seed') this.#seed(value, around);
    else if (LOTTERY[name] !== undefined && isScalar(value) && value.value === 'lottery') {
      this.#decide('lottery', value, around.title, { was: LOTTERY[name], now: '沿用' });
    } else this.#walk(value, around, below);
  }

  #inTests(): boolean {
    return this.#path.startsWith('tests/');
  }

  #isLine(keys: readonly string[]): boolean {
    const [last, document] = [keys.at(-1), keys.at(-2)];
    const lines = last === 'regions' || last === 'schools';
    return lines && (this.#path === 'score-lines.yaml' || document === 'score-lines');
  }

  #line(node: YAMLMap, around: Around): void {
    const line = node.get('line', true);
    if (!isScalar(line) || line.value === null) return;
    this.#decide('line', line, around.title, { was: String(line.value), now: String(line.value) });
  }

  #basis(value: unknown, around: Around, keys: readonly string[]): void {
    const basis = String(isScalar(value) ? value.value : '');
    if (this.#inTests() || this.#isLine(keys)) return;
    const kind = basis === 'sample' ? 'sample' : 'old-basis';
    this.#decide(kind, value, around.title, { was: basis, now: basis });
  }

  #window(node: unknown, around: Around): void {
    if (!isSeq(node)) {
      this.#stillEmpty(node, around);
      return;
    }
    const days = node.items.map(item => String(isScalar(item) ? item.value : ''));
    if (days.length === 0 || !days.every(isRealDate)) return;
    const batch = around.entry?.get('id');
    const closed = this.#isBatch() && this.#isClosed(String(batch));
    this.#dated(node, days, around, closed);
  }

  #date(node: unknown, around: Around): void {
    const day = isScalar(node) ? node.value : null;
    this.#stillEmpty(node, around);
    if (typeof day === 'string' && isRealDate(day)) this.#dated(node, [day], around, false);
  }

  #stillEmpty(node: unknown, { title }: Around): void {
    if (!isScalar(node) || node.value !== null) return;
    this.#decide('empty-date', node, title, { was: '空' });
  }

  /** Only batches have windows that follow a phase. */
  #isBatch(): boolean {
    return this.#path === 'batches.yaml' || this.#path.startsWith('cities/');
  }

  #dated(node: unknown, days: readonly string[], { title, basis }: Around, closed: boolean): void {
    const { dates } = this.#input;
    const moved = (rule: DateRule) => days.map(day => movedDate(day, this.#years, rule));
    const empty = dates === 'empty' && (closed || basis !== 'sample');
    const now = moved(dates === 'same-weekday' ? dates : 'same-day');
    const written = isSeq(node) ? `[${now.join(', ')}]` : (now[0] as string);
    this.#replace(node, empty ? 'null' : written);
    const was = daysText(days);
    if (!empty) {
      this.#decide('moved-date', node, title, { was, now: daysText(now) });
      return;
    }
    const proposals = [
      { rule: '同月同日为', value: daysText(moved('same-day')) },
      { rule: '同星期为', value: daysText(moved('same-weekday')) },
    ];
    this.#decide('empty-date', node, title, { was, proposals });
  }

  #seed(node: unknown, { title }: Around): void {
    if (!isScalar(node) || typeof node.value !== 'string' || node.value === '') return;
    this.#replace(node, 'null');
    this.#decide('lottery', node, title, { was: `种子 ${node.value}` });
  }

  /** Dates of rules and examples follow the calendar's; years in a text are shown. */
  #scalar(node: unknown, around: Around, keys: readonly string[]): void {
    if (!isScalar(node) || typeof node.value !== 'string') return;
    const text = node.value;
    const date = text.slice(0, 10);
    if (isRealDate(text) || isRealMoment(text)) {
      const rule = this.#input.dates === 'same-weekday' ? 'same-weekday' : 'same-day';
      const now = `${movedDate(date, this.#years, rule)}${text.slice(10)}`;
      const [from, to] = node.range as [number, number, number];
      const quoted = this.#text[from] === '"' || this.#text[from] === "'";
      this.#edits.push({ from: quoted ? from + 1 : from, to: quoted ? to - 1 : to, instead: now });
      if (!this.#inTests()) this.#decide('moved-date', node, around.title, { was: text, now });
    } else if (this.#mentionsYear(text) && !this.#isIdentity(keys)) {
      this.#decide('year-in-text', node, around.title, { was: text, now: text });
    }
  }

  /** Identity is replaced; titles of documents are their names. */
  #isIdentity(keys: readonly string[]): boolean {
    return this.#path === 'policy.yaml' && (keys.length === 1 || keys[0] === 'basis');
  }

  #mentionsYear(text: string): boolean {
    const { season } = this.#input.from;
    return [season, season + 1].some(year => new RegExp(`(?<!\\d)${year}(?!\\d)`).test(text));
  }

  #comments(): void {
    for (const match of this.#text.matchAll(/(?<=^|\s)#.*$/gm)) {
      if (!this.#mentionsYear(match[0]) || match[0].includes('$schema=')) continue;
      const was = match[0].replace(/^#\s*/, '');
      this.#found.push({
        kind: 'year-in-text',
        offset: match.index,
        title: '注释',
        was,
        now: was,
        proposals: [],
      });
    }
  }
}

/** Where a batch draws lots. */
const LOTTERY: Readonly<Record<string, string>> = {
  mode: '投档模式为派位',
  ending: '同分以抽签决定',
};

/** An entry is called by its title, else by whatever names it. */
function aroundOf(node: YAMLMap, around: Around): Around {
  const own = (key: string) => {
    const value = node.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  const line = [own('region'), own('school'), own('batch')].filter(each => each !== undefined);
  const named = own('title') ?? (line.length > 0 ? line.join(' ') : undefined);
  const title = named ?? own('id') ?? own('job') ?? around.title;
  const isEntry = own('id') !== undefined;
  return {
    title,
    basis: own('basis') ?? around.basis,
    entry: isEntry ? node : around.entry,
  };
}
