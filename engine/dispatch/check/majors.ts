/**
 * Majors within the room of their lines and the flexible places (dispatch.md §6, property P2), and
 * no file without a major where one that it listed was left over (P4). Which majors a special
 * condition refuses is not in the result, so lines with such a condition are left out of P4.
 */
import { OCCUPYING_STATES } from '../../file/states.ts';
import type { ByteColumn } from '../world.ts';
import type { Checking } from './checking.ts';
import type { Taken } from './placed.ts';

const SPACE = 32;
const NO_ADJUSTMENT = 3;

/** The lines of the run, by index into World.lines. */
interface Lines {
  /** Index into World.lines of a major, or -1; by index into World.majors. */
  readonly ofMajor: Int32Array;
  readonly school: Int32Array;
  readonly code: readonly Buffer[];
  /** Room of the line itself, before the run; below 0 where it is occupied beyond its plan. */
  readonly left: Int32Array;
  /** Has a special condition of its own. */
  readonly conditional: Uint8Array;
  /** Free places bound to no major, before the run; by school. */
  readonly flexible: Int32Array;
}

export function checkMajors(checking: Checking, taken: Taken): void {
  const lines = linesOf(checking);
  const { result, found } = checking;
  const { participants, suggestedMajor, suggestionReason } = result;
  const without: number[] = [];
  for (let p = 0; p < participants.length; p += 1) {
    const school = taken.schoolOf[p];
    const major = suggestedMajor[p];
    if (school < 0) {
      if (major >= 0 || suggestionReason[p] !== 0) {
        found.add('P2', 'major-unplaced', -1, participants[p]);
      }
    } else if (major < 0) {
      if (suggestionReason[p] === 0) found.add('P2', 'major-reason', school, participants[p]);
      without.push(p);
    } else {
      const line = lines.ofMajor[major] ?? -1;
      if (line < 0 || lines.school[line] !== school || suggestionReason[p] !== 0) {
        found.add('P2', 'major-line', school, participants[p]);
      } else {
        lines.left[line] -= 1;
        if (!mayHave(checking, p, lines.code[line])) {
          found.add('P2', 'major-not-listed', school, participants[p]);
        }
      }
    }
  }
  checkRoom(checking, lines);
  checkLeftOver(checking, taken, lines, without);
}

function linesOf({ world, policy }: Checking): Lines {
  const schools = new Map(world.schools.map((school, at) => [school.code, at]));
  const name = (school: string, major: string) => `${school}\n${major}`;
  const lineAt = new Map(world.lines.map((line, at) => [name(line.school, line.major), at]));
  const ofMajor = Int32Array.from(
    world.majors,
    major => lineAt.get(name(major.school, major.code)) ?? -1,
  );
  const left = Int32Array.from(world.lines, line => line.planned);
  for (const file of world.files) {
    if (file.batch !== world.batch || !OCCUPYING_STATES.includes(file.state)) continue;
    const line = lineAt.get(name(file.school, file.major));
    if (line !== undefined) left[line] -= 1;
  }
  const school = Int32Array.from(world.lines, line => schools.get(line.school) ?? -1);
  const flexible = Int32Array.from(world.schools, one => world.flexible.get(one.code) ?? 0);
  for (let line = 0; line < left.length; line += 1) {
    if (left[line] >= 0) continue;
    flexible[school[line]] += left[line];
    left[line] = 0;
  }
  const special = new Set(
    policy.special.flatMap(rule =>
      rule.school !== null && rule.major !== null ? name(rule.school, rule.major) : [],
    ),
  );
  const conditional = Uint8Array.from(world.lines, line =>
    special.has(name(line.school, line.major)) ? 1 : 0,
  );
  const code = world.lines.map(line => Buffer.from(line.major, 'utf8'));
  return { ofMajor, school, code, left, conditional, flexible: flexible.map(n => Math.max(0, n)) };
}

/** What the lines took beyond their own room must fit into the free places of the school. */
function checkRoom({ world, found }: Checking, lines: Lines): void {
  const { flexible, left, school } = lines;
  for (let line = 0; line < left.length; line += 1) {
    if (left[line] < 0) flexible[school[line]] += left[line];
  }
  for (let at = 0; at < world.schools.length; at += 1) {
    if (flexible[at] < 0) found.add('P2', 'major-room', at, -1);
  }
}

/** After checkRoom: `left` is what is left of each line, `flexible` of each school. */
function checkLeftOver(checking: Checking, taken: Taken, lines: Lines, without: number[]): void {
  const { world, result, found } = checking;
  const ofSchool = new Map<number, number[]>();
  lines.school.forEach((school, line) => {
    const former = ofSchool.get(school);
    if (former === undefined) ofSchool.set(school, [line]);
    else former.push(line);
  });
  for (const p of without) {
    const school = taken.schoolOf[p];
    const adjusts = world.choices.adjustment[result.placedChoice[p]] === 1;
    if (adjusts === (result.suggestionReason[p] === NO_ADJUSTMENT)) {
      found.add('P2', 'major-reason', school, result.participants[p]);
    }
    const wasted = (ofSchool.get(school) ?? []).some(
      line =>
        lines.conditional[line] === 0 &&
        (lines.left[line] > 0 || lines.flexible[school] > 0) &&
        mayHave(checking, p, lines.code[line]),
    );
    if (wasted) found.add('P4', 'major-left', school, result.participants[p]);
  }
}

/** Did the choice name this major, or accept any? */
function mayHave({ world, result }: Checking, p: number, major: Buffer): boolean {
  const choice = result.placedChoice[p];
  return world.choices.adjustment[choice] === 1 || names(world.choices.majors, choice, major);
}

/** Is `word` one of the words, parted by spaces, of entry `index`? */
function names(column: ByteColumn, index: number, word: Buffer): boolean {
  const { bytes, start } = column;
  const end = start[index + 1];
  for (let from = start[index]; from < end; ) {
    let to = from;
    let same = true;
    for (; to < end && bytes[to] !== SPACE; to += 1) {
      if (bytes[to] !== word[to - from]) same = false;
    }
    if (same && to - from === word.length) return true;
    from = to + 1;
  }
  return false;
}
