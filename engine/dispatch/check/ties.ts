/**
 * Ties were treated as the policy declares (P6): who of the equals got the last place, and whether
 * a school that was closed by a tie had to be.
 */
import { type Checking, REASON, RULE_REASONS_FROM } from './checking.ts';
import type { Contest } from './choices.ts';
import { LotteryDraw } from './draw.ts';
import { keyOf, type Taken } from './placed.ts';

/** Endings lottery and candidate-no: an equal who found the school full was drawn behind all. */
export function checkTieOrder(checking: Checking, taken: Taken, contest: Contest): void {
  const { contested } = contest;
  if (contested.length === 0) return;
  const { world, batch, result, found } = checking;
  const key = keyOf(checking);
  const draw = new LotteryDraw(batch.dispatch.seed ?? '', world.candidates.number);
  const before =
    batch.dispatch.ties.ending === 'lottery'
      ? (a: number, b: number) => Buffer.compare(draw.digest(a), draw.digest(b)) < 0
      : (a: number, b: number) => a < b;
  const last = new Map<number, number>();
  for (let at = 1; at < contested.length; at += 2) last.set(contested[at], -1);
  const { participants, placedChoice, position } = result;
  for (let p = 0; p < participants.length; p += 1) {
    const school = taken.schoolOf[p];
    if (school < 0 || !last.has(school)) continue;
    const ordinal = world.choices.ordinal[placedChoice[p]];
    if (key(position[p], ordinal, taken.band[p]) !== taken.lastKey[school]) continue;
    const former = last.get(school) as number;
    if (former < 0 || before(former, participants[p])) last.set(school, participants[p]);
  }
  for (let at = 0; at < contested.length; at += 2) {
    const school = contested[at + 1];
    if (before(contested[at], last.get(school) as number)) {
      found.add('P6', 'tie-order', school, contested[at]);
    }
  }
}

/**
 * Ending reject-all: a school is closed only while it has room, by more equals than it has room
 * for, and takes nobody of them or behind them.
 */
export function checkClosings(checking: Checking, taken: Taken, contest: Contest): void {
  const { schools, found } = checking;
  for (let school = 0; school < contest.closedKey.length; school += 1) {
    const closedKey = contest.closedKey[school];
    if (closedKey < 0) continue;
    const left = schools.room[school] - taken.sent[school];
    if (left < 1) found.add('P6', 'closed-while-full', school, -1);
    else if (contest.atClosing[school] <= left) found.add('P6', 'closed-needlessly', school, -1);
    if (taken.lastKey[school] >= closedKey) found.add('P6', 'placed-after-closing', school, -1);
  }
}

/**
 * Score-first with reject-all: the members of a group pick again when a school they picked has
 * closed, so one closing may cause another. Each group in which a school closed is played once
 * more, and must close the same schools.
 *
 * @param order participants in rank order
 */
export function checkCascades(
  checking: Checking,
  taken: Taken,
  contest: Contest,
  order: Uint32Array,
): void {
  const { result, schools, found, only } = checking;
  const { position } = result;
  const closing = new Set(contest.closedKey.filter(key => key >= 0));
  if (closing.size === 0) return;
  const left = schools.room.slice();
  const closed = new Uint8Array(left.length).fill(only >= 0 ? 1 : 0);
  if (only >= 0) closed[only] = 0;
  for (let from = 0; from < order.length; ) {
    const rank = position[order[from]];
    let to = from + 1;
    while (to < order.length && position[order[to]] === rank) to += 1;
    if (closing.has(rank)) {
      const shut = playGroup(checking, order.subarray(from, to), left, closed);
      contest.closedKey.forEach((key, school) => {
        if ((key === rank) !== shut.has(school)) found.add('P6', 'closings', school, -1);
        if (key === rank) closed[school] = 1;
      });
    }
    for (let at = from; at < to; at += 1) {
      const school = taken.schoolOf[order[at]];
      if (school >= 0) left[school] -= 1;
    }
    from = to;
  }
}

/** The schools that one group of equals closes, given what is left before it. */
function playGroup(
  checking: Checking,
  group: Uint32Array,
  left: Int32Array,
  closed: Uint8Array,
): Set<number> {
  const shut = new Set<number>();
  for (;;) {
    const picked = new Map<number, number>();
    for (const p of group) {
      const school = pick(checking, p, at => left[at] > 0 && closed[at] === 0 && !shut.has(at));
      if (school >= 0) picked.set(school, (picked.get(school) ?? 0) + 1);
    }
    const over = [...picked].filter(([school, count]) => count > left[school]);
    if (over.length === 0) return shut;
    for (const [school] of over) shut.add(school);
  }
}

/** The first open school that the participant may go to; none lies beyond the placed choice. */
function pick({ world, result }: Checking, p: number, open: (school: number) => boolean): number {
  const { first, school } = world.choices;
  const candidate = result.participants[p];
  const placed = result.placedChoice[p];
  const end = placed >= 0 ? placed + 1 : first[candidate + 1];
  for (let choice = first[candidate]; choice < end; choice += 1) {
    const reason = result.reasonOf[choice];
    const may =
      reason === REASON.placed || reason === REASON.full || reason === REASON['closed-by-tie'];
    if (reason < RULE_REASONS_FROM && may && open(school[choice])) return school[choice];
  }
  return -1;
}
