/**
 * The candidates that rows of a package may name: those of the package, and, where it comes into a
 * database, those that are there already. Typed columns beside one table of numbers: there are 1.3
 * million of them.
 */
import { ByteTable, NumberColumn } from './bytes.ts';

export class CandidateIndex {
  readonly numbers = new ByteTable();
  /** City codes; `city` holds indexes into it. */
  readonly cities: string[] = [];
  readonly #cityIndex = new Map<string, number>();
  readonly city = new NumberColumn(length => new Uint16Array(length));
  /** Line of candidates.csv; 0: only in the database. */
  readonly line = new NumberColumn(length => new Uint32Array(length));
  /** The file's id in the database; 0: new. */
  readonly file = new NumberColumn(length => new Int32Array(length));
  /** Identity numbers of the package, in the form under which they are compared. */
  readonly identities = new ByteTable();
  /** Candidate → 1 + index into `identities`; 0: none in the package. */
  readonly identity = new NumberColumn(length => new Uint32Array(length));
  /** Index into `identities` → the line that had it first. */
  readonly identityLine = new NumberColumn(length => new Uint32Array(length));
  #last = -1;

  get count(): number {
    return this.numbers.size;
  }

  cityOf(code: string): number {
    const known = this.#cityIndex.get(code);
    if (known !== undefined) return known;
    this.#cityIndex.set(code, this.cities.length);
    this.cities.push(code);
    return this.cities.length - 1;
  }

  cityCode(candidate: number): string {
    return this.cities[this.city.at(candidate)] as string;
  }

  /** A candidate that the database holds. */
  known(bytes: Uint8Array, from: number, to: number, city: string, file: number): void {
    const candidate = this.numbers.add(bytes, from, to);
    this.city.set(candidate, this.cityOf(city));
    this.file.set(candidate, file);
    this.line.set(candidate, 0);
  }

  /** The candidate with this number, or -1. Rows of one candidate come together. */
  find(bytes: Uint8Array, from: number, to: number): number {
    if (this.#last >= 0 && this.numbers.is(this.#last, bytes, from, to)) return this.#last;
    this.#last = this.numbers.find(bytes, from, to);
    return this.#last;
  }
}
