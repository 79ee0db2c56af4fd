/**
 * 报表签署: prepared (city) → reviewed (city) → approved (province) → published (province); a report of
 * the whole province is prepared, approved and published by the province. No two signatures that
 * follow one another are one person's, and whoever prepared neither reviews nor approves.
 *
 * The first signature freezes the rows; all later ones sign these. Signing a city's daily reports
 * of a day closes the day for its schools.
 */
import { closeDay } from '../../db/season/daily-reports.ts';
import {
  moveSignedReport,
  prepareSignedReport,
  type SignedReport,
  type SignedState,
  signedReport,
} from '../../db/season/signed-reports.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { dailyReportError } from './errors.ts';
import { reportContent } from './parts/report-content.ts';
import { type SignedInput, signedKey, signedTarget } from './parts/signed-input.ts';

type Step = 'prepared' | 'reviewed' | 'approved' | 'published';

const STEP_TITLES: Readonly<Record<Step, string>> = {
  prepared: '制表',
  reviewed: '市招办复核',
  approved: '省招办审定',
  published: '公布',
};

/** Signed by the city's office; a report of the province has no such review. */
const OF_CITY: readonly Step[] = ['prepared', 'reviewed'];

export const job = functionJob<SignedInput>({
  id: 'sign-report',
  title: '报表签署',
  sides: ['office'],
  menu: '招生日报',
  annex: false,
  input: {
    properties: {
      report: { type: 'string', minLength: 1, maxLength: 60, description: '报表编号' },
      city: { ...INPUT.city, description: '哪个地市的报表，不写为全省' },
      date: { ...INPUT.date, description: '报表的日期' },
    },
    required: ['report', 'date'],
  },
  relatives: false,
  // Signed figures are those of the business day, whenever the officer gets to them.
  window: 'none',
  unlocked: true,
  target: signedTarget,
  effect: sign,
});

async function sign(act: Act<SignedInput>): Promise<Answer> {
  const key = signedKey(act.input);
  const standing = await signedReport(act.session, act.season, key);
  const step = nextStep(standing, key.city);
  checkLevel(act, step, key.city);
  checkPerson(act, step, standing);
  const version = standing?.version ?? 1;
  const by = { user: act.user.user, at: act.at };
  let hash = standing?.hash ?? '';
  if (step === 'prepared') {
    const content = await reportContent(act);
    ({ hash } = content);
    await prepareSignedReport(act.session, act.season, { ...key, version }, content, by);
    if (key.report === 'daily-reports' && key.city !== '') {
      await closeDay(act.session, act.season, key.city, key.day, { by: by.user, at: by.at });
    }
  } else {
    await moveSignedReport(act.session, act.season, { ...key, version }, step, by);
  }
  act.record({ note: { ...key, version, step, hash } });
  const title = STEP_TITLES[step];
  return {
    lines: [`报表 ${key.report}（${key.day}，第 ${version} 版）已签署：${title}。校验值 ${hash}。`],
    values: { version, step, hash },
  };
}

/** @throws report-published */
function nextStep(standing: SignedReport | null, city: string): Step {
  const state: SignedState = standing?.state ?? 'open';
  if (state === 'open' || state === 'withdrawn') return 'prepared';
  if (state === 'prepared') return city === '' ? 'approved' : 'reviewed';
  if (state === 'reviewed') return 'approved';
  if (state === 'approved') return 'published';
  throw dailyReportError('report-published');
}

/** @throws not-your-step */
function checkLevel(act: Act<SignedInput>, step: Step, city: string): void {
  const level = city !== '' && OF_CITY.includes(step) ? 'city' : 'province';
  if (act.user.level === level) return;
  throw dailyReportError('not-your-step', { next: STEP_TITLES[step], user: act.user.user });
}

/** @throws same-person */
function checkPerson(act: Act<SignedInput>, step: Step, standing: SignedReport | null): void {
  if (standing === null || step === 'prepared') return;
  const { preparedBy, reviewedBy, approvedBy } = standing;
  const former: readonly (readonly [Step, string | null])[] =
    step === 'published'
      ? [['approved', approvedBy]]
      : [
          ['prepared', preparedBy],
          ['reviewed', reviewedBy],
        ];
  const same = former.find(([, user]) => user === act.user.user);
  if (same === undefined) return;
  throw dailyReportError('same-person', {
    former: STEP_TITLES[same[0]],
    next: STEP_TITLES[step],
    user: act.user.user,
  });
}
