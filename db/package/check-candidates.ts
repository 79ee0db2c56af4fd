/**
 * Checks candidates.csv: numbers and identities once, the identity card's own checksum, regions
 * known, the total within the city's full marks. Fills the index that all other tables ask.
 */
import { ABSENT, formatHundredths } from '../../engine/decimal.ts';
import type { CandidateIndex } from './candidates.ts';
import type { SmallContext } from './check-small.ts';
import { birthDateOf, comparable, identityFault, isNationalCard } from './identity.ts';
import type { TableSource } from './open.ts';
import { foreignSentence } from './own-city.ts';
import { type CheckedTable, checkTable, type TableFaults, type TableRow } from './rows.ts';
import { columnIndex, type Table } from './schema.ts';

export async function checkCandidates(
  source: TableSource,
  table: Table,
  context: SmallContext,
  candidates: CandidateIndex,
): Promise<CheckedTable | undefined> {
  const check = new CandidateCheck(table, context, candidates);
  return checkTable(source, table, context.mode, context.problems, (row, faults, right) => {
    check.row(row, faults, right);
  });
}

class CandidateCheck {
  readonly #context: SmallContext;
  readonly #candidates: CandidateIndex;
  readonly #number: number;
  readonly #city: number;
  readonly #county: number;
  readonly #total: number;
  readonly #identity: number;
  readonly #identityType: number;
  readonly #birthDate: number;
  /** Of the row that is being read: index into the identities; -1: none. */
  #identityIndex = -1;

  constructor(table: Table, context: SmallContext, candidates: CandidateIndex) {
    this.#context = context;
    this.#candidates = candidates;
    const at = (name: string) => columnIndex(table, name);
    this.#number = at('candidate_no');
    this.#city = at('city');
    this.#county = at('county');
    this.#total = at('total');
    this.#identity = at('identity_no');
    this.#identityType = at('identity_type');
    this.#birthDate = at('birth_date');
  }

  row(row: TableRow, faults: TableFaults, cellsRight: boolean): void {
    this.#identityIndex = -1;
    let right = this.#isFirst(row, faults) && cellsRight;
    if (this.#context.mode === 'import') {
      right = this.#isOwn(row, faults) && right;
      right = this.#regions(row, faults) && right;
      right = this.#isPerson(row, faults) && right;
    }
    right = this.#totalFits(row, faults) && right;
    if (right || !this.#context.acceptValid) this.#register(row);
  }

  #isFirst(row: TableRow, faults: TableFaults): boolean {
    const at = this.#number;
    const index = this.#candidates.numbers.find(row.bytes, row.start(at), row.end(at));
    const line = index < 0 ? 0 : this.#candidates.line.at(index);
    if (line === 0) return true;
    faults.cell(row, at, 'duplicate-candidate', `与第 ${line} 行的考生号重复。`);
    return false;
  }

  #register(row: TableRow): void {
    if (row.blank(this.#number)) return;
    const candidates = this.#candidates;
    const from = row.start(this.#number);
    const index = candidates.numbers.add(row.bytes, from, row.end(this.#number));
    if (candidates.line.at(index) !== 0) return;
    // A home city never changes; the import compares it with the one in the database.
    if (candidates.file.at(index) === 0) {
      candidates.city.set(index, candidates.cityOf(row.string(this.#city)));
    }
    candidates.line.set(index, row.line);
    candidates.identity.set(index, this.#identityIndex + 1);
  }

  #isOwn(row: TableRow, faults: TableFaults): boolean {
    const { ownCity } = this.#context;
    if (ownCity === undefined || row.unsound(this.#city)) return true;
    if (row.string(this.#city) === ownCity) return true;
    faults.cell(row, this.#city, 'foreign-city', foreignSentence(ownCity));
    return false;
  }

  #regions(row: TableRow, faults: TableFaults): boolean {
    const { regions } = this.#context.references;
    if (row.unsound(this.#city)) return false;
    const city = row.string(this.#city);
    const known = regions.get(city);
    if (known?.level !== 'city') {
      const sentence =
        known === undefined
          ? '不在 regions.csv 中，或那一行有误。'
          : '不是地市（level 应为 city）。';
      faults.cell(row, this.#city, 'unknown-region', sentence);
      return false;
    }
    if (row.unsound(this.#county)) return true;
    const county = regions.get(row.string(this.#county));
    if (county?.level === 'county' && county.parent === city) return true;
    const sentence =
      county === undefined ? '不在 regions.csv 中，或那一行有误。' : `不是地市 ${city} 的区县。`;
    faults.cell(row, this.#county, 'unknown-region', sentence);
    return false;
  }

  /** The identity number: well formed, and nobody else's in this package. */
  #isPerson(row: TableRow, faults: TableFaults): boolean {
    const at = this.#identity;
    if (row.unsound(at)) return false;
    const number = row.string(at);
    if (isNationalCard(row.string(this.#identityType))) {
      const fault = identityFault(number);
      if (fault !== undefined) {
        faults.cell(row, at, 'wrong-identity', fault);
        return false;
      }
      const birthDate = row.string(this.#birthDate);
      if (birthDate !== '' && birthDate !== birthDateOf(number)) {
        faults.warnCell(
          row,
          at,
          'birth-date-differs',
          '中的出生日期与出生日期一列不一致，请核对。',
        );
      }
    }
    const { identities, identityLine, numbers } = this.#candidates;
    const before = identities.size;
    const index = identities.addText(comparable(number));
    if (index < before) {
      const sentence = `与第 ${identityLine.at(index)} 行的身份证号重复。`;
      faults.cell(row, at, 'duplicate-identity', sentence);
      return false;
    }
    identityLine.set(index, row.line);
    const candidate = numbers.find(row.bytes, row.start(this.#number), row.end(this.#number));
    const owner = this.#context.identityOwner?.(comparable(number));
    if (owner !== undefined && owner !== candidate) {
      const whose = owner < 0 ? '一名未派号考生' : `考生 ${numbers.text(owner)}`;
      faults.cell(row, at, 'duplicate-identity', `与库中${whose}的身份证号重复。`);
      return false;
    }
    this.#identityIndex = index;
    return true;
  }

  /**
   * The total lies between 0 and the sum of the city's full marks. A recompute only warns: what
   * the run had before it is what must be dispatched again.
   */
  #totalFits(row: TableRow, faults: TableFaults): boolean {
    const total = row.number(this.#total);
    if (total === ABSENT) return true;
    const highest = this.#context.references.highestTotal(row.string(this.#city));
    if (total >= 0 && (highest === undefined || total <= highest)) return true;
    const [code, sentence] =
      total < 0
        ? (['negative', '是负数。'] as const)
        : ([
            'above-full-marks',
            `高于本市各科满分之和 ${formatHundredths(highest as number)}。`,
          ] as const);
    if (this.#context.mode === 'recompute') {
      faults.warnCell(row, this.#total, code, sentence);
      return true;
    }
    faults.cell(row, this.#total, code, sentence);
    return false;
  }
}
