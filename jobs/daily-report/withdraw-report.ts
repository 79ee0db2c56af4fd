/**
 * 报表撤回: withdraws a signed report with a reason, and opens its next version. The withdrawn one
 * stays on record with its rows and signatures. A city withdraws until the province has approved;
 * after that the province does. Withdrawing a city's daily reports of a day opens the day again.
 */
import { reopenDay } from '../../db/season/daily-reports.ts';
import {
  moveSignedReport,
  openSignedReport,
  signedReport,
} from '../../db/season/signed-reports.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { dailyReportError } from './errors.ts';
import { type SignedInput, signedKey, signedTarget } from './parts/signed-input.ts';

type Input = SignedInput & { readonly reason: string };

export const job = functionJob<Input>({
  id: 'withdraw-report',
  title: '报表撤回',
  sides: ['office'],
  menu: '招生日报',
  annex: false,
  input: {
    properties: {
      report: { type: 'string', minLength: 1, maxLength: 60, description: '报表编号' },
      city: { ...INPUT.city, description: '哪个地市的报表，不写为全省' },
      date: { ...INPUT.date, description: '报表的日期' },
      reason: INPUT.reason,
    },
    required: ['report', 'date', 'reason'],
  },
  relatives: false,
  window: 'none',
  unlocked: true,
  target: place => signedTarget({ ...place, input: place.input }),
  async effect(act) {
    const { input, session, season, user } = act;
    const { reason } = input;
    const key = signedKey(input);
    const standing = await signedReport(session, season, key);
    if (standing === null || standing.state === 'open') {
      throw dailyReportError('not-signed', { report: key.report, day: key.day });
    }
    const ofProvince = standing.state === 'approved' || standing.state === 'published';
    if (ofProvince && user.level !== 'province') {
      throw dailyReportError('not-your-step', { next: '撤回', user: user.user });
    }
    const { version } = standing;
    const by = { user: user.user, at: act.at, reason };
    await moveSignedReport(session, season, { ...key, version }, 'withdrawn', by);
    await openSignedReport(session, season, key, version + 1);
    if (key.report === 'daily-reports' && key.city !== '') {
      await reopenDay(session, season, key.city, key.day);
    }
    act.record({ note: { ...key, version, reason } });
    const line = `报表 ${key.report}（${key.day}）第 ${version} 版已撤回，请签署第 ${version + 1} 版。`;
    return { lines: [line], values: { withdrawn: version, version: version + 1 } };
  },
});
