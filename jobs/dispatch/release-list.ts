/**
 * 发档: the school may now read the list. By a second officer, once the audit of the run has passed;
 * one list, or all of a run. Schools that a finding keeps back are named and stay as they are; the
 * others go on.
 */
import { type DispatchList, listsOfRun, readList } from '../../db/season/dispatch-lists.ts';
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import { type Answer, functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { type Barred, barredLists } from '../nightly/audit/release.ts';
import type { Finding } from '../run/job.ts';
import { dispatchError } from './errors.ts';
import { moveLists, requireListEvent } from './parts/lists.ts';

interface Input {
  readonly city?: string;
  readonly list?: number;
  readonly run?: number;
}

export const job = functionJob<Input>({
  id: 'release-list',
  title: '发档',
  sides: ['office'],
  menu: '投档',
  annex: false,
  input: { properties: { city: INPUT.city, list: INPUT.list, run: INPUT.run } },
  relatives: true,
  window: 'batch',
  async target({ input, session, season }) {
    const { city, list, run } = input;
    if (run !== undefined && city === undefined && list === undefined) {
      const [one, other] = await listsOfRun(session, season, run);
      if (one === undefined) throw dispatchError('unknown-run', { run });
      const school = other === undefined ? { school: one.school } : {};
      return { cities: [one.city], batch: one.batch, ...school };
    }
    if (run !== undefined || city === undefined || list === undefined) {
      throw wrongInput(job, ['应写 city 与 list，或只写 run']);
    }
    const found = await readList(session, season, city, list);
    if (found === null) throw actError('unknown-list', { city, list });
    return { cities: [city], batch: found.batch, school: found.school };
  },
  async effect(act) {
    const lists = await listsOf(act);
    const [first] = lists as [DispatchList];
    if (first.dispatchedBy === act.user.user)
      throw dispatchError('same-person', { run: first.run });
    const barred = await barredOf(act, first);
    const open = lists.filter(list => !isBarred(barred, list));
    const kept = lists.filter(list => isBarred(barred, list));
    if (open.length === 0) throw dispatchError('audit-stopped', { schools: namesOf(kept, barred) });
    return release(act, open, kept);
  },
});

/** The list, or the drafts of the run in the user's charge. @throws list-already-released, … */
async function listsOf(act: Act<Input>): Promise<DispatchList[]> {
  const { season } = act;
  const { city, list, run } = act.input;
  const found = await act.asRunner(async session => {
    if (run !== undefined) return inCharge(act, await listsOfRun(session, season, run));
    const one = await readList(session, season, city ?? '', list ?? 0);
    return one === null ? [] : [one];
  });
  const drafts = found.filter(each => each.state === 'draft');
  if (drafts.length > 0) return drafts;
  const [first] = found;
  if (first === undefined) throw dispatchError('unknown-run', { run: run ?? 0 });
  requireListEvent(first, 'release-list');
  throw new Error(`list ${first.list} is no draft and could be released`);
}

/** Rule 19: each office releases the lists of its kinds of schools. */
async function inCharge(act: Act<Input>, lists: readonly DispatchList[]): Promise<DispatchList[]> {
  const rows = await act.asRunner(session =>
    session.query<{ code: string }>(
      `select code from schools
       where season = $1::smallint and code = any($2::text[]) and kind = any($3::text[])`,
      [act.season, lists.map(list => list.school), act.user.kinds],
    ),
  );
  const own = new Set(rows.map(row => row.code));
  const kept = lists.filter(list => own.has(list.school));
  if (kept.length > 0 || lists.length === 0) return kept;
  throw actError('out-of-scope', { what: `第 ${lists[0]?.run} 次运行`, user: act.user.user });
}

const NOTHING_BARRED: Barred = { all: false, schools: new Set() };

/** A file that was sent by hand was checked then; a run is audited. @throws not-audited */
async function barredOf(act: Act<Input>, { job: kind, run }: DispatchList): Promise<Barred> {
  if (kind !== 'dispatch') return NOTHING_BARRED;
  const barred = await act.asRunner(session => barredLists(session, act.season, run));
  if (barred === null) throw dispatchError('not-audited', { run });
  return barred;
}

function isBarred({ all, schools }: Barred, { school }: DispatchList): boolean {
  return all || schools.has(school);
}

function namesOf(lists: readonly DispatchList[], { all }: Barred): string {
  return all ? '全市该批次的全部院校' : `院校 ${lists.map(list => list.school).join('、')}`;
}

async function release(
  act: Act<Input>,
  open: readonly DispatchList[],
  kept: readonly DispatchList[],
): Promise<Answer> {
  const [{ city, batch, run }] = open as [DispatchList];
  await moveLists(act, open, 'release-list');
  const numbers = open.map(list => list.list);
  const files = await act.onLists(city, numbers);
  for (const file of files) act.move(file, 'release-list', { decision: 'release-list' });
  const findings: Finding[] = [];
  if (kept.length > 0) {
    const schools = kept.map(list => list.school);
    findings.push({
      property: 'audit-stopped',
      severity: 'error',
      city,
      batch,
      aboutRun: run,
      schools,
      stops: 'schools',
      sentence: `核查发现问题，院校 ${schools.join('、')} 没有发档。`,
      rows: [],
      rowCount: kept.length,
    });
  }
  return {
    lines: [`已发档 ${open.length} 份，档案 ${files.length} 份；院校可以阅档。`],
    values: { lists: numbers, kept: kept.map(list => list.list) },
    counts: { lists: open.length, files: files.length },
    findings,
  };
}
