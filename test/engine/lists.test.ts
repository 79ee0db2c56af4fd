import t from 'tap';
import {
  actOnList,
  isSettled,
  LIST_EVENTS,
  LIST_REFUSALS,
  LIST_STATE_TITLES,
  LIST_STATES,
  type ListAct,
  type ListStanding,
  type ListState,
  listTransition,
  mayPropose,
  mayReview,
} from '../../engine/file/lists.ts';
import type { FileState } from '../../engine/file/states.ts';

// The page of the specification, typed by hand as `state events: outcome`, and not read from the
// table: in capitals the state it leads to, else the code of the refusal.
const PAGE = `
none dispatch: DRAFT
none release-list submit-list reopen-for-file close-list cancel-list: list-unknown
draft dispatch: list-exists
draft release-list: RELEASED
draft submit-list reopen-for-file close-list: list-not-released
draft cancel-list: CANCELLED
released dispatch: list-exists
released release-list: list-already-released
released submit-list: SUBMITTED
released reopen-for-file close-list: list-not-submitted
released cancel-list: CANCELLED
submitted dispatch: list-exists
submitted release-list cancel-list: list-submitted
submitted submit-list reopen-for-file: SUBMITTED
submitted close-list: CLOSED
closed dispatch: list-exists
closed release-list submit-list reopen-for-file close-list cancel-list: list-closed
cancelled dispatch: list-exists
cancelled release-list submit-list reopen-for-file close-list cancel-list: list-cancelled
`;

function pageRows(): { state: string; event: string; cell: string }[] {
  return PAGE.trim()
    .split('\n')
    .flatMap(line => {
      const [pairs, cell] = line.split(': ') as [string, string];
      const [state, ...events] = pairs.split(' ') as [string, ...string[]];
      return events.map(event => ({ state, event, cell }));
    });
}

t.test('every pair of state and event comes out as the page says', async t => {
  const rows = pageRows();
  const pairs = ['none', ...LIST_STATES].flatMap(state =>
    LIST_EVENTS.map(({ name }) => `${state} ${name}`),
  );
  t.same(rows.map(({ state, event }) => `${state} ${event}`).sort(), pairs.sort());
  for (const { state, event, cell } of rows) {
    const expected = /^[A-Z]/.test(cell)
      ? { ok: true, state: cell.toLowerCase() }
      : { ok: false, code: cell, sentence: LIST_REFUSALS[cell as keyof typeof LIST_REFUSALS] };
    const from = state === 'none' ? null : (state as ListState);
    t.same(listTransition(from, event), expected, `${state} ${event}`);
  }
  for (const state of [null, ...LIST_STATES]) {
    t.match(listTransition(state, 'abolish'), { ok: false, code: 'unknown-event' });
  }
});

t.test('every state and refusal has its Chinese', async t => {
  for (const state of LIST_STATES) t.match(LIST_STATE_TITLES[state], /^\p{Script=Han}+$/u);
  for (const sentence of Object.values(LIST_REFUSALS)) t.match(sentence, /[\u4e00-\u9fff]/);
});

function list(state: ListState, files: readonly FileState[], reopened: readonly number[] = []) {
  const byId = new Map(files.map((each, index) => [index + 1, each] as const));
  return { state, files: byId, reopened: new Set(reopened) } satisfies ListStanding;
}

function after(standing: ListStanding, act: ListAct): ListStanding {
  const result = actOnList(standing, act);
  if (!result.ok) throw new Error(result.code);
  return { ...standing, state: result.state, reopened: result.reopened };
}

const codeOf = (standing: ListStanding, act: ListAct) => {
  const result = actOnList(standing, act);
  return result.ok ? result.state : result.code;
};

t.test('a list is submitted only when the school has decided on every file', async t => {
  const submit: ListAct = { event: 'submit-list' };
  t.equal(codeOf(list('released', ['proposed', 'reading']), submit), 'files-undecided');
  t.equal(codeOf(list('released', ['proposed', 'return-proposed']), submit), 'submitted');
  t.equal(codeOf(list('released', ['proposed', 'in-pool']), submit), 'submitted', 'one recalled');
  t.equal(codeOf(list('submitted', ['proposed']), submit), 'nothing-reopened');
});

t.test('a list is closed when nothing of it waits any more', async t => {
  const close: ListAct = { event: 'close-list' };
  for (const open of ['reading', 'proposed', 'return-proposed'] as const) {
    t.equal(codeOf(list('submitted', ['admitted', open]), close), 'files-open', open);
  }
  t.equal(codeOf(list('submitted', ['admitted', 'in-pool', 'registered']), close), 'closed');
  t.equal(codeOf(list('released', ['admitted']), close), 'list-not-submitted');
  t.equal(isSettled(list('submitted', [])), true);
});

t.test('a refusal reopens the list for that file only', async t => {
  const reopened = after(list('submitted', ['proposed', 'proposed']), {
    event: 'reopen-for-file',
    file: 1,
  });
  t.equal(reopened.state, 'submitted');
  t.same([mayPropose(reopened, 1), mayReview(reopened, 1)], [true, false]);
  t.same([mayPropose(reopened, 2), mayReview(reopened, 2)], [false, true]);
  const reading: ListStanding = {
    ...reopened,
    files: list('submitted', ['reading', 'admitted']).files,
  };
  t.equal(codeOf(reading, { event: 'close-list' }), 'files-open', 'the school has it');
  t.equal(codeOf(reading, { event: 'cancel-list' }), 'list-submitted');
  t.equal(codeOf(reading, { event: 'submit-list' }), 'files-undecided');
  const decided: ListStanding = {
    ...reading,
    files: list('submitted', ['proposed', 'admitted']).files,
  };
  t.notOk(mayReview(decided, 1), 'proposed again, and not yet submitted');
  const again = after(decided, { event: 'submit-list' });
  t.same([mayPropose(again, 1), mayReview(again, 1)], [false, true]);
  t.equal(codeOf(again, { event: 'submit-list' }), 'nothing-reopened');
  t.equal(codeOf(again, { event: 'close-list' }), 'files-open');
  const done: ListStanding = { ...again, files: list('submitted', ['admitted', 'admitted']).files };
  t.equal(codeOf(done, { event: 'close-list' }), 'closed');
  t.equal(codeOf(done, { event: 'reopen-for-file', file: 9 }), 'file-not-on-list');
});

t.test('nobody proposes or reviews outside the states for it', async t => {
  for (const state of LIST_STATES) {
    t.equal(mayPropose(list(state, ['reading'], []), 1), state === 'released', state);
    t.equal(mayReview(list(state, ['proposed'], []), 1), state === 'submitted', state);
  }
});

t.test('a list that was cancelled has nothing open', async t => {
  const cancelled = after(list('released', ['reading']), { event: 'cancel-list' });
  t.match(cancelled, { state: 'cancelled' });
  t.equal(codeOf(cancelled, { event: 'release-list' }), 'list-cancelled');
});
