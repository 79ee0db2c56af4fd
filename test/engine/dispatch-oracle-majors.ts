/** The oracle's majors (spec/dispatch.md §6). See dispatch-oracle.ts. */
import { isMajorRefused, type Person, type Question, type Site } from './dispatch-oracle-rules.ts';

/** Suggests majors to the files sent to one school, in rank order, equals by number. */
export function suggest(question: Question, site: Site, sent: readonly Person[]): void {
  const { mode, gap } = question.batch.dispatch.majors;
  const desk = new Desk(question, site);
  const most = Math.max(0, ...sent.map(person => person.placed!.majors.length));
  const places = Array.from({ length: most }, (_, at) => at);
  if (mode === 'score-first') {
    for (const person of sent) {
      for (const i of places) desk.tryListed(person, i);
      desk.rest(person);
    }
    return;
  }
  if (mode === 'major-first') {
    for (const i of places) for (const person of sent) desk.tryListed(person, i);
  } else {
    const pairs = sent.flatMap((person, rank) =>
      person.placed!.majors.map((_, i) => ({ person, rank, i, value: person.score! - gap * i })),
    );
    pairs.sort((a, b) => b.value - a.value || a.i - b.i || a.rank - b.rank);
    for (const { person, i } of pairs) desk.tryListed(person, i);
  }
  for (const person of sent) desk.rest(person);
}

class Desk {
  readonly #question: Question;
  readonly #site: Site;
  readonly #room: Map<string, number>;
  readonly #done = new Set<Person>();
  #free: number;

  constructor(question: Question, site: Site) {
    this.#question = question;
    this.#site = site;
    this.#room = new Map(
      site.lines.map(line => [line.code, Math.max(0, line.planned - line.used)]),
    );
    this.#free = site.flexibleFree;
  }

  /** The line of a major, unless it is passed over. */
  #line(person: Person, code: string | undefined): string | undefined {
    const line = this.#site.lines.find(each => each.code === code);
    if (!line || isMajorRefused(this.#question, person, this.#site, line)) return undefined;
    return line.code;
  }

  #give(person: Person, code: string): void {
    person.major = code;
    this.#done.add(person);
  }

  #take(person: Person, code: string): boolean {
    const room = this.#room.get(code)!;
    if (room === 0) return false;
    this.#room.set(code, room - 1);
    this.#give(person, code);
    return true;
  }

  tryListed(person: Person, i: number): void {
    if (this.#done.has(person)) return;
    const code = this.#line(person, person.placed!.majors[i]);
    if (code !== undefined) this.#take(person, code);
  }

  rest(person: Person): void {
    if (this.#done.has(person)) return;
    const { majors, adjustment } = person.placed!;
    const listed = majors.map(code => this.#line(person, code)).find(code => code !== undefined);
    if (this.#free > 0 && listed !== undefined) {
      this.#free -= 1;
      this.#give(person, listed);
      return;
    }
    if (!adjustment) {
      person.suggestionReason = 'no-adjustment';
      return;
    }
    const allowed = this.#site.lines
      .map(line => this.#line(person, line.code))
      .filter(code => code !== undefined);
    if (allowed.some(code => this.#take(person, code))) return;
    if (allowed.length === 0) {
      person.suggestionReason = 'majors-refused';
    } else if (this.#free > 0) {
      this.#free -= 1;
      this.#give(person, allowed[0]);
    } else {
      person.suggestionReason = 'majors-full';
    }
  }
}
