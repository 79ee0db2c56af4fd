/**
 * 审核退档: a proposed return goes back to the pool, or to the school for another look 复议. Rule 15: a
 * school that was sent no more files than its plan returns none without a listed reason.
 */
import type { DispatchList } from '../../db/season/dispatch-lists.ts';
import type { StandingFile } from '../../db/season/files.ts';
import { mayReview, refuseList } from '../../engine/file/lists.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { filesOn, listStanding } from '../dispatch/parts/list.ts';
import { listOf, listRefused, settleList } from '../dispatch/parts/lists.ts';
import { reasonOf } from '../dispatch/parts/return-reason.ts';
import { admissionError } from './parts/admission-errors.ts';
import { returnAllowed, returned, sentBack } from './parts/file-review.ts';
import {
  reasonOfRefusal,
  requireOther,
  requireReviewTime,
  underReviewTarget,
  type Verdict,
} from './parts/under-review.ts';

export const job = functionJob<Verdict>({
  id: 'review-return',
  title: '审核退档',
  sides: ['office'],
  menu: '审核管理',
  annex: true,
  input: {
    properties: {
      candidates: INPUT.candidates,
      verdict: INPUT.verdict,
      reason: { ...INPUT.reason, description: '退回复议的理由' },
    },
    required: ['candidates', 'verdict'],
  },
  relatives: true,
  // By each file's batch, with the grace: requireReviewTime.
  window: 'none',
  target: place => underReviewTarget(place, place.input.candidates),
  async effect(act) {
    const files = await act.candidates(act.input.candidates);
    for (const file of files) requireWaiting(act, file);
    const lists = Map.groupBy(files, ({ city, list }) => `${city}|${list}`);
    let settled = 0;
    for (const members of lists.values()) {
      const [{ city, list: number }] = members as [StandingFile];
      const list = await listOf(act, city, number ?? 0);
      const standing = listStanding(list.state, await filesOn(act, list));
      for (const file of members) {
        if (!mayReview(standing, file.file)) {
          throw listRefused(list, refuseList('list-not-submitted'));
        }
        await decide(act, list, file);
      }
      if (await settleList(act, list.city, list.list)) settled += 1;
    }
    const approved = act.input.verdict === 'approve';
    const what = approved ? '通过，档案回到库中' : '退回学校复议';
    const lines = [`审核退档 ${files.length} 人：${what}。`];
    if (settled > 0) lines.push(`${settled} 份投档单已办结。`);
    return { lines, counts: { [approved ? 'returned' : 'sentBack']: files.length, settled } };
  },
});

/** @throws not-waiting, same-person */
function requireWaiting(act: Act<Verdict>, file: StandingFile): void {
  if (file.state !== 'return-proposed') {
    const state = STATE_TITLES[file.state];
    const candidate = file.candidateNo ?? '';
    throw admissionError('not-waiting', { candidate, state, title: job.title });
  }
  requireOther(act, file);
}

async function decide(act: Act<Verdict>, list: DispatchList, file: StandingFile): Promise<void> {
  const policy = await act.cityPolicy(file.city);
  requireReviewTime(act, policy, file, job.title);
  if (act.input.verdict === 'refuse') {
    sentBack(act, file, 'refuse-return', { reason: reasonOfRefusal(act.input, file) });
    return;
  }
  const candidate = file.candidateNo ?? '';
  const { reason } = file;
  if (reason === null || reason === '') {
    throw admissionError('no-reason', { candidate, what: '学校的退档' });
  }
  const { sent, planned } = list;
  if (!returnAllowed(list, policy.returnReasons, reason)) {
    const { title } = reasonOf(policy.returnReasons, reason);
    throw admissionError('unlisted-reason', { candidate, reason: title, sent, planned });
  }
  returned(act, file, list.school);
}
