/**
 * Checks choices.csv: schools, majors and batch known, no more choices and majors than the policy
 * allows, no ordinal and no school twice within a candidate's batch and round.
 *
 * The doubles are looked for at the end, over typed columns sorted by candidate with one counting
 * pass, because a file may hold its rows in any order: 10.4 million rows cost some 170 MB and one
 * second, a Set of their keys would cost gigabytes.
 */
import { NumberColumn } from './bytes.ts';
import { checkAbout, type PeopleContext } from './check-people.ts';
import { unknownBatch } from './check-small.ts';
import type { TableSource } from './open.ts';
import type { CheckedTable, TableFaults, TableRow } from './rows.ts';
import { columnIndex, type Table } from './schema.ts';

/** Distinct texts of majors that are kept split. */
const MAJORS_TEXTS_KEPT_MAX = 1 << 16;

export async function checkChoices(
  source: TableSource,
  table: Table,
  context: PeopleContext,
): Promise<CheckedTable | undefined> {
  const check = new ChoiceCheck(table, context);
  const checked = await checkAbout(source, table, context, (row, faults, candidate, right) => {
    if (check.row(row, faults) && right) check.keep(row, candidate);
  });
  if (checked !== undefined) check.reportDoubles(checked.faults);
  return checked;
}

class ChoiceCheck {
  readonly #context: PeopleContext;
  readonly #batchAt: number;
  readonly #roundAt: number;
  readonly #ordinalAt: number;
  readonly #schoolAt: number;
  readonly #majorsAt: number;
  /** `batch round` and school codes → numbers. */
  readonly #slots = new Map<string, Map<number, number>>();
  #slotCount = 0;
  readonly #codes = new Map<string, readonly string[]>();
  readonly #schools = new Map<string, number>();
  readonly #schoolCodes: string[] = [];
  readonly #candidate = new NumberColumn(length => new Uint32Array(length));
  readonly #line = new NumberColumn(length => new Uint32Array(length));
  readonly #slot = new NumberColumn(length => new Uint16Array(length));
  readonly #ordinal = new NumberColumn(length => new Uint16Array(length));
  readonly #school = new NumberColumn(length => new Uint32Array(length));

  constructor(table: Table, context: PeopleContext) {
    this.#context = context;
    this.#batchAt = columnIndex(table, 'batch');
    this.#roundAt = columnIndex(table, 'round');
    this.#ordinalAt = columnIndex(table, 'ordinal');
    this.#schoolAt = columnIndex(table, 'school');
    this.#majorsAt = columnIndex(table, 'majors');
  }

  /** @returns whether the row is right by itself */
  row(row: TableRow, faults: TableFaults): boolean {
    const { mode, references, rules } = this.#context;
    if (row.unsound(this.#batchAt)) return false;
    const batch = row.string(this.#batchAt);
    const limits = rules.batches.get(batch);
    if (limits === undefined) {
      if (mode === 'recompute') return true;
      faults.cell(row, this.#batchAt, 'unknown-batch', unknownBatch(batch, rules));
      return false;
    }
    let right = this.#within(row, faults, limits);
    if (mode === 'recompute' || row.unsound(this.#schoolAt)) return right;
    const school = row.string(this.#schoolAt);
    if (!references.schools.has(school)) {
      faults.cell(row, this.#schoolAt, 'unknown-school', '不在 schools.csv 中，或那一行有误。');
      return false;
    }
    const known = references.majors.get(school);
    for (const major of this.#codesOf(row.string(this.#majorsAt))) {
      if (known?.has(major) === true) continue;
      const sentence = `中的 ${major.slice(0, 40)} 不是院校 ${school} 在 majors.csv 中的专业。`;
      faults.cell(row, this.#majorsAt, 'unknown-major', sentence);
      right = false;
    }
    return right;
  }

  /** The policy's limits. A recompute only warns: it dispatches what the run had before it. */
  #within(
    row: TableRow,
    faults: TableFaults,
    limits: { readonly max: number; readonly majors: number },
  ): boolean {
    const report = this.#context.mode === 'recompute' ? 'warnCell' : 'cell';
    let right = true;
    if (row.number(this.#ordinalAt) > limits.max) {
      const sentence = `超过本批次最多 ${limits.max} 个志愿。`;
      faults[report](row, this.#ordinalAt, 'too-many-choices', sentence);
      right = false;
    }
    if (this.#codesOf(row.string(this.#majorsAt)).length > limits.majors) {
      const sentence = `多于每个志愿最多 ${limits.majors} 个专业。`;
      faults[report](row, this.#majorsAt, 'too-many-majors', sentence);
      right = false;
    }
    return right || report === 'warnCell';
  }

  /**
   * Codes joined by a blank; none for the empty text. Texts come again and again, and a string
   * that is kept is hashed only once for all the look-ups that follow.
   */
  #codesOf(text: string): readonly string[] {
    const kept = this.#codes.get(text);
    if (kept !== undefined) return kept;
    const codes = text === '' ? [] : text.split(' ');
    if (this.#codes.size < MAJORS_TEXTS_KEPT_MAX) this.#codes.set(text, codes);
    return codes;
  }

  /** Remembers the row for reportDoubles. */
  keep(row: TableRow, candidate: number): void {
    this.#candidate.push(candidate);
    this.#line.push(row.line);
    this.#slot.push(this.#slotOf(row.string(this.#batchAt), row.number(this.#roundAt, 1)));
    this.#ordinal.push(row.number(this.#ordinalAt));
    const school = row.string(this.#schoolAt);
    let known = this.#schools.get(school);
    if (known === undefined) {
      known = this.#schoolCodes.push(school) - 1;
      this.#schools.set(school, known);
    }
    this.#school.push(known);
  }

  #slotOf(batch: string, round: number): number {
    let rounds = this.#slots.get(batch);
    if (rounds === undefined) {
      rounds = new Map();
      this.#slots.set(batch, rounds);
    }
    let slot = rounds.get(round);
    if (slot === undefined) {
      slot = this.#slotCount;
      this.#slotCount += 1;
      rounds.set(round, slot);
    }
    return slot;
  }

  /** Of two rows with one ordinal, or one school, the later one in the file is rejected. */
  reportDoubles(faults: TableFaults): void {
    const count = this.#candidate.length;
    const first = new Uint32Array(this.#context.candidates.count + 1);
    for (let at = 0; at < count; at += 1) {
      const next = (this.#candidate.values[at] as number) + 1;
      first[next] = (first[next] as number) + 1;
    }
    for (let at = 1; at < first.length; at += 1) {
      first[at] = (first[at] as number) + (first[at - 1] as number);
    }
    const filled = first.slice();
    const rows = new Uint32Array(count);
    for (let at = 0; at < count; at += 1) {
      const candidate = this.#candidate.values[at] as number;
      rows[filled[candidate] as number] = at;
      filled[candidate] = (filled[candidate] as number) + 1;
    }
    for (let candidate = 0; candidate + 1 < first.length; candidate += 1) {
      this.#doublesOf(rows.subarray(first[candidate], first[candidate + 1]), faults);
    }
  }

  /** Compares each row of one candidate with those kept before it: they are a handful. */
  #doublesOf(rows: Uint32Array, faults: TableFaults): void {
    let kept = 0;
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i] as number;
      const former = this.#doubleAmong(rows.subarray(0, kept), row);
      if (former === undefined) {
        rows[kept] = row;
        kept += 1;
      } else this.#reportDouble(row, former, faults);
    }
  }

  #doubleAmong(kept: Uint32Array, row: number): number | undefined {
    return kept.find(
      former =>
        this.#slot.values[row] === this.#slot.values[former] &&
        (this.#ordinal.values[row] === this.#ordinal.values[former] ||
          this.#school.values[row] === this.#school.values[former]),
    );
  }

  #reportDouble(row: number, former: number, faults: TableFaults): void {
    const line = this.#line.values[row] as number;
    const other = this.#line.values[former] as number;
    if (this.#ordinal.values[row] === this.#ordinal.values[former]) {
      const ordinal = String(this.#ordinal.values[row]);
      const sentence = `与第 ${other} 行重复：同一考生、批次、轮次的志愿序号只能用一次。`;
      faults.later(line, this.#ordinalAt, ordinal, 'duplicate-ordinal', sentence);
    } else {
      const school = this.#schoolCodes[this.#school.values[row] as number] as string;
      const sentence = `与第 ${other} 行重复：同一考生、批次、轮次不能两次填报同一院校。`;
      faults.later(line, this.#schoolAt, school, 'duplicate-choice', sentence);
    }
  }
}
