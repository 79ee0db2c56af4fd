/**
 * 组长录退: the team leader submits a whole released list. In phase 1 this is the admission (annex 3:
 * 招生学校审阅档案，点击提交，即为录取), within the plan, unless a rule or the city's setting leaves
 * the file to an officer (calendar rules 15 and 16). A list with files that were sent back is
 * submitted again, for these files alone.
 */
import type { DispatchList } from '../../db/season/dispatch-lists.ts';
import type { StandingFile } from '../../db/season/files.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { listTarget } from '../act/targets.ts';
import { AutomaticReview } from '../review/parts/automatic.ts';
import { FileReview, type Reviewed } from '../review/parts/file-review.ts';
import { AdmissionQuota } from '../review/parts/quota.ts';
import { filesOn, submitList } from './parts/list.ts';
import { listOf, settleList } from './parts/lists.ts';
import { schoolError } from './parts/school-errors.ts';

interface Input {
  readonly city: string;
  readonly list: number;
}

/** The duty that annex 1 names 组长. */
const LEADER = 'team-leader';

export const job = functionJob<Input>({
  id: 'submit-dispatch-list',
  title: '组长录退',
  sides: ['school'],
  menu: '投档',
  annex: true,
  input: { properties: { city: INPUT.city, list: INPUT.list }, required: ['city', 'list'] },
  relatives: true,
  window: 'batch',
  schedule: true,
  target: listTarget,
  async effect(act) {
    const { user } = act;
    if (!user.duties.includes(LEADER)) throw schoolError('not-leader', { user: user.user });
    const list = await listOf(act, act.input.city, act.input.list);
    const files = await filesOn(act, list);
    const again = list.state === 'submitted';
    const concerned = again ? files.filter(file => file.reopenedForReview) : files;
    requireDecided(list, concerned);
    const province = await act.cityPolicy('');
    const automatic = new AutomaticReview(act, act.policy, list, 'files', province);
    const quota = await openQuota(act, list, automatic.factNames);
    const rules = await requirePlan(quota, concerned);
    await submitList(act, list, files);
    const now = concerned.map(file => closed(act, file));
    act.record({ list: list.list, batch: list.batch, decision: decisionOf(rules) });
    const review = new FileReview(act, list, quota);
    const reviewed = await review.byRules(automatic, now);
    const settled = await settleList(act, list.city, list.list);
    return answer(list, reviewed, settled);
  },
});

/** @throws undecided, no-reason */
function requireDecided(list: DispatchList, files: readonly StandingFile[]): void {
  const open = files.filter(({ state }) => state !== 'proposed' && state !== 'return-proposed');
  const [first] = open;
  // A list that is no longer, or not yet, with the school is refused as such (submitList).
  if (first !== undefined && (list.state === 'released' || list.state === 'submitted')) {
    const candidate = first.candidateNo ?? '';
    throw schoolError('undecided', { list: list.list, count: open.length, candidate });
  }
  const silent = files.find(
    ({ state, reason }) => state === 'return-proposed' && (reason ?? '') === '',
  );
  if (silent !== undefined) {
    throw schoolError('no-reason', { candidate: silent.candidateNo ?? '' });
  }
}

function openQuota(
  act: Act<Input>,
  { city, school, batch: id }: DispatchList,
  also: readonly string[],
): Promise<AdmissionQuota> {
  const batch = act.batch(id);
  const place = { city, school, batch, phase: batch.phase, counting: 'decided' } as const;
  return AdmissionQuota.open(act, place, also);
}

/**
 * Every proposed file against the plan with all the others in it.
 *
 * @returns ids of the rules that let them pass
 * @throws over-plan, or whatever code the rule has
 */
async function requirePlan(
  quota: AdmissionQuota,
  files: readonly StandingFile[],
): Promise<ReadonlySet<string>> {
  const rules = new Set<string>();
  await quota.facts.know(files);
  for (const file of files) {
    if (file.state !== 'proposed') continue;
    if (file.major === null) {
      throw schoolError('no-major', { candidate: file.candidateNo ?? '' });
    }
    for (const rule of await quota.require(file, file.major, 'admission')) rules.add(rule);
  }
  return rules;
}

/** A file that a reviewer had sent back is before the reviewer again. */
function closed(act: Act<Input>, file: StandingFile): StandingFile {
  return file.reopenedForReview ? act.edit(file, { reopenedForReview: false }) : file;
}

function decisionOf(rules: ReadonlySet<string>): string {
  return rules.size === 0 ? job.id : [...rules].join(' ');
}

function answer({ list }: DispatchList, reviewed: Reviewed, settled: boolean) {
  const { admitted, returned, sentBack, waiting } = reviewed;
  const lines = [
    `投档单 ${list} 已提交：录取 ${admitted} 人，退档 ${returned} 人，` +
      `退回复议 ${sentBack} 人，待审核 ${waiting} 人。`,
  ];
  if (settled) lines.push('投档单已办结。');
  if (sentBack > 0) lines.push('退回复议的档案请重新处理，然后再次提交。');
  return { lines, counts: { admitted, returned, sentBack, waiting } };
}
