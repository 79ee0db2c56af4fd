import t from 'tap';
import { allowedMoves, FILE_EVENTS } from '../../engine/file/events.ts';
import { fold } from '../../engine/file/fold.ts';
import {
  FILE_STATES,
  type FileState,
  isFileState,
  OCCUPYING_STATES,
  STATE_TITLES,
} from '../../engine/file/states.ts';
import { REFUSALS, transition } from '../../engine/file/transition.ts';

type Place = FileState | null;
const PLACES: readonly Place[] = [null, ...FILE_STATES];

// The page of the specification, copied by hand as `event: from > to`, and not read from the table:
// a slip of the pen in one of the two shows.
const PAGE = `
import: none > in-pool
senior-high-import: in-pool > senior-high
senior-high-release: senior-high > in-pool
dispatch: in-pool > dispatched
release-list: dispatched > reading
cancel-dispatch: dispatched reading proposed return-proposed > in-pool
propose-admission: reading > proposed
propose-return: reading > return-proposed
undo-proposal: proposed return-proposed > reading
approve-admission: proposed > admitted
refuse-admission: proposed > reading
approve-return: return-proposed > in-pool
refuse-return: return-proposed > reading
recall: dispatched reading proposed return-proposed > in-pool
admit-directly: in-pool > admitted
enter: in-pool > pending-review
supplement: none > unnumbered
assign-number: unnumbered > in-pool
refuse-number: unnumbered > none
approve-entry: pending-review > admitted
refuse-entry: pending-review > in-pool
register: admitted > registered
undo-registration: registered > admitted
cancel-registration: registered > cancelled in-pool held
readmit: cancelled > in-pool
revert: admitted > in-pool
withdraw: admitted registered > in-pool
transfer: admitted registered in-pool > admitted
hold: in-pool > held
release-hold: held > in-pool
file-roster: registered > filed
amend-roster: filed > registered
city-snapshot: in-pool > admitted
city-snapshot: admitted > in-pool admitted
`;

const key = (event: string, from: Place, to: Place) => `${event}|${from ?? 'none'}|${to ?? 'none'}`;

function pageMoves(): Set<string> {
  const moves = new Set<string>();
  for (const line of PAGE.trim().split('\n')) {
    const [, event, from, to] = /^(\S+): (.+) > (.+)$/.exec(line) as unknown as string[];
    for (const start of from.split(' ')) {
      for (const end of to.split(' ')) moves.add(`${event}|${start}|${end}`);
    }
  }
  return moves;
}

t.test('the table holds exactly the moves of the page', async t => {
  const table = allowedMoves().map(({ event, from, to }) => key(event, from, to));
  t.strictSame([...table].sort(), [...pageMoves()].sort());
});

t.test('every state, event and target of the page is accepted and every other refused', async t => {
  const allowed = pageMoves();
  const wrong: string[] = [];
  for (const { name } of FILE_EVENTS) {
    for (const from of PLACES) {
      for (const to of PLACES) {
        const result = transition(from, name, to);
        const edits = name === 'import' && from !== null && from === to;
        if (result.ok !== (allowed.has(key(name, from, to)) || edits))
          wrong.push(key(name, from, to));
        if (result.ok && result.state !== to) wrong.push(`state of ${key(name, from, to)}`);
        if (!result.ok && REFUSALS[result.code] !== result.sentence) wrong.push(result.code);
      }
    }
  }
  t.strictSame(wrong, []);
});

t.test('without a target an event goes where the page leaves no choice', async t => {
  const allowed = pageMoves();
  for (const { name } of FILE_EVENTS) {
    for (const from of PLACES) {
      const ends = PLACES.filter(to => allowed.has(key(name, from, to)));
      const result = transition(from, name);
      if (ends.length === 1) t.match(result, { ok: true, state: ends[0] }, `${name} ${from}`);
      else {
        const code = ends.length === 0 ? 'event-not-allowed' : 'target-needed';
        t.match(result, { ok: false, code }, `${name} ${from}`);
      }
    }
  }
});

t.test(
  'an event that nobody declared is refused, and so is submitting a list for one file',
  async t => {
    t.match(transition('reading', 'abolish'), { ok: false, code: 'unknown-event' });
    t.match(transition('reading', 'submit-list'), { ok: false, code: 'unknown-event' });
  },
);

t.test('a whole life folds to its last state', async t => {
  const states: Place[] = [null, 'in-pool', 'dispatched', 'reading', 'proposed', 'admitted'];
  const names = ['import', 'dispatch', 'release-list', 'propose-admission', 'approve-admission'];
  const events = names.map((name, i) => ({
    name,
    from: states[i] as Place,
    to: states[i + 1] as Place,
  }));
  t.strictSame(fold(events), { state: 'admitted', folded: 5 });
  t.strictSame(fold([]), { state: null, folded: 0 });
  for (let gap = 0; gap < events.length - 1; gap += 1) {
    const torn = events.filter((_, i) => i !== gap);
    t.match(fold(torn).fault, { index: gap, code: 'state-mismatch' }, `without ${names[gap]}`);
  }
});

t.test('an event of a job that changes data alone leaves the state', async t => {
  const pool = { name: 'import', from: null, to: 'in-pool' } as const;
  const edit = { name: 'edit-candidate', from: 'in-pool', to: 'in-pool' } as const;
  t.strictSame(fold([pool, edit, edit]), { state: 'in-pool', folded: 3 });
  t.strictSame(fold([pool, { ...edit, name: 'import' }]), { state: 'in-pool', folded: 2 });
  t.match(fold([pool, { ...edit, to: 'held' }]).fault, { index: 1, code: 'unknown-event' });
  t.match(fold([pool, { ...edit, name: 'hold' }]).fault, { index: 1, code: 'target-not-allowed' });
  t.match(fold([edit]).fault, { index: 0, code: 'state-mismatch' });
});

t.test('nothing happens to a file that was closed', async t => {
  const closed = [
    { name: 'supplement', from: null, to: 'unnumbered' },
    { name: 'refuse-number', from: 'unnumbered', to: null },
  ] as const;
  t.strictSame(fold(closed), { state: null, folded: 2 });
  const again = [...closed, { name: 'import', from: null, to: 'in-pool' } as const];
  t.match(fold(again), { state: null, folded: 2, fault: { index: 2, code: 'file-closed' } });
});

t.test('every state has a Chinese title, and those at a school count against its plan', async t => {
  for (const state of FILE_STATES) t.match(STATE_TITLES[state], /^\p{Script=Han}+$/u, state);
  t.equal(isFileState('reading'), true);
  t.equal(isFileState('lost'), false);
  t.strictSame(
    [...OCCUPYING_STATES].sort(),
    'admitted dispatched filed proposed reading registered return-proposed'.split(' '),
  );
});
