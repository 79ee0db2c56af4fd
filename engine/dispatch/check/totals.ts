/**
 * What the result says of itself agrees with what it holds (P7): outcomes of the schools, lists,
 * counts. The numbers are recounted from the placed; none is taken over.
 */
import { compareText } from '../bytes.ts';
import type { SchoolOutcome } from '../result.ts';
import type { Checking } from './checking.ts';
import type { Contest } from './choices.ts';
import type { Taken } from './placed.ts';

export function checkOutcomes(checking: Checking, taken: Taken, contest: Contest): void {
  const { world, result, found, schools } = checking;
  const seen = new Uint8Array(world.schools.length);
  let list = 0;
  let former = '';
  for (const outcome of result.schools) {
    const { school } = outcome;
    const code = world.schools[school].code;
    if (former !== '' && compareText(former, code) >= 0) found.add('P7', 'order', school, -1);
    former = code;
    seen[school] = 1;
    if (taken.sent[school] > 0) list += 1;
    const expected = recount(checking, taken, contest, school, list);
    for (const key of Object.keys(expected) as (keyof SchoolOutcome)[]) {
      if (outcome[key] !== expected[key]) found.add('P7', `outcome-${key}`, school, -1);
    }
  }
  for (let school = 0; school < seen.length; school += 1) {
    if (seen[school] !== schools.hasLine[school]) found.add('P7', 'outcome', school, -1);
  }
}

function recount(
  { batch, schools }: Checking,
  taken: Taken,
  contest: Contest,
  school: number,
  list: number,
): Partial<SchoolOutcome> {
  const sent = taken.sent[school];
  const roomBefore = schools.room[school];
  return {
    list: sent > 0 ? list : 0,
    planned: schools.planned[school],
    flexible: schools.flexible[school],
    roomBefore,
    roomAfter: roomBefore - sent,
    sent,
    // By lot the last one sent need not be the lowest, nor have a score at all.
    ...(batch.dispatch.mode === 'lottery' ? {} : { lowestScore: taken.lowestScore[school] }),
    lastOrdinal: taken.lastOrdinal[school],
    overrun: Math.max(0, sent - Math.max(0, roomBefore)),
    closedByTie: contest.closedKey[school] >= 0,
  };
}

/** Each list holds the placed of its school once, in rank order, equals by candidate number. */
export function checkLists({ result, found }: Checking, taken: Taken): void {
  const { participants, position, lists } = result;
  const listed = new Uint8Array(participants.length);
  for (const { school, list } of result.schools) {
    if (list === 0) continue;
    const members = lists[list] ?? [];
    let former = -1;
    for (const p of members) {
      if (taken.schoolOf[p] !== school) found.add('P7', 'list-other', school, participants[p]);
      else if (listed[p] === 1) found.add('P1', 'listed-twice', school, participants[p]);
      listed[p] = 1;
      const ordered =
        former < 0 ||
        position[former] < position[p] ||
        (position[former] === position[p] && former < p);
      if (!ordered) found.add('P7', 'list-order', school, participants[p]);
      former = p;
    }
  }
  for (let p = 0; p < participants.length; p += 1) {
    const school = taken.schoolOf[p];
    if (school >= 0 && listed[p] === 0) found.add('P7', 'list-missing', school, participants[p]);
  }
}

export function checkCounts({ world, result, found }: Checking, taken: Taken): void {
  const { participants, reasonOf, reasons, counts } = result;
  const byReason = new Float64Array(reasons.length);
  const { first } = world.choices;
  let choices = 0;
  for (let p = 0; p < participants.length; p += 1) {
    const end = first[participants[p] + 1];
    for (let choice = first[participants[p]]; choice < end; choice += 1)
      byReason[reasonOf[choice]] += 1;
    choices += end - first[participants[p]];
  }
  let placed = 0;
  for (let p = 0; p < participants.length; p += 1) if (taken.schoolOf[p] >= 0) placed += 1;
  const agree =
    counts.participants === participants.length &&
    counts.placed === placed &&
    counts.unplaced === participants.length - placed &&
    counts.choices === choices &&
    reasons.every((code, at) => (counts.reasons[code] ?? 0) === byReason[at]);
  if (!agree) found.add('P7', 'counts', -1, -1);
}
