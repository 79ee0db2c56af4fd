/**
 * 指定录退档案: the school reads its list and proposes – admission with a major, or return with a
 * reason – file by file, or takes a proposal back, until the team leader submits the list. A
 * suggested major is no reservation: what takes a place is what the school has proposed so far.
 *
 * A return without a listed reason is taken here and judged at the submission, by the review rules:
 * where the school was sent no more files than its plan, it comes back for another look.
 */
import type { DispatchList } from '../../db/season/dispatch-lists.ts';
import type { StandingFile } from '../../db/season/files.ts';
import { type ListRefusal, mayPropose, refuseList } from '../../engine/file/lists.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { listTarget } from '../act/targets.ts';
import { AdmissionQuota } from '../review/parts/quota.ts';
import { filesOn, listStanding, suggestedMajors } from './parts/list.ts';
import { listOf, listRefused } from './parts/lists.ts';
import { reasonOf, returnReasonId } from './parts/return-reason.ts';
import { schoolError } from './parts/school-errors.ts';

const DECISIONS = ['admit', 'return', 'undo'] as const;

interface Decision {
  readonly candidate_no: string;
  readonly decision: (typeof DECISIONS)[number];
  readonly major?: string;
  readonly reason?: string;
}

type Input = Omit<Decision, 'candidate_no' | 'decision'> & {
  readonly city: string;
  readonly list: number;
  readonly candidates?: readonly string[];
  readonly decision?: Decision['decision'];
  readonly decisions?: readonly Decision[];
};

const decision = { type: 'string', enum: DECISIONS, description: '预录、预退或撤销' };
const major = { ...INPUT.major, description: '拟录取专业；不写为建议专业' };
const reason = { ...INPUT.reason, description: '退档理由的代码、名称，或文字' };

export const job = functionJob<Input>({
  id: 'decide-files',
  title: '指定录退档案',
  sides: ['school'],
  menu: '投档',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      list: INPUT.list,
      candidates: INPUT.candidates,
      decision,
      major,
      reason,
      decisions: {
        type: 'array',
        minItems: 1,
        maxItems: INPUT.candidates.maxItems,
        description: '逐份写明的决定，代替 candidates',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['candidate_no', 'decision'],
          properties: { candidate_no: INPUT.candidate_no, decision, major, reason },
        },
      },
    },
    required: ['city', 'list'],
  },
  relatives: true,
  window: 'batch',
  schedule: true,
  target: listTarget,
  async effect(act) {
    const list = await listOf(act, act.input.city, act.input.list);
    const decisions = decisionsOf(act.input);
    const files = new Map((await filesOn(act, list)).map(file => [file.candidateNo, file]));
    const standing = listStanding(list.state, [...files.values()]);
    const desk = await SchoolDesk.open(act, list);
    await desk.prepare(decisions.flatMap(each => files.get(each.candidate_no) ?? []));
    for (const each of decisions) {
      const file = files.get(each.candidate_no);
      if (file === undefined) {
        throw schoolError('not-on-list', { candidate: each.candidate_no, list: list.list });
      }
      if (!mayPropose(standing, file.file)) throw listRefused(list, whyClosed(list));
      await desk.decide(file, each);
    }
    return desk.answer();
  },
});

/** Why the school may not propose, other than for a file that was reopened. */
function whyClosed({ state }: DispatchList): ListRefusal {
  if (state === 'draft') return refuseList('list-not-released');
  return refuseList(state === 'released' ? 'list-already-released' : `list-${state}`);
}

/** @throws nothing-decided, wrong-input: one file is decided twice */
function decisionsOf(input: Input): readonly Decision[] {
  const { candidates = [], decision: common, major, reason, decisions = [] } = input;
  const same = {
    ...(major === undefined ? {} : { major }),
    ...(reason === undefined ? {} : { reason }),
  };
  if (candidates.length > 0 && common === undefined) throw schoolError('nothing-decided');
  const all = [
    ...candidates.map(candidate_no => ({
      candidate_no,
      decision: common as Decision['decision'],
      ...same,
    })),
    ...decisions,
  ];
  if (all.length === 0) throw schoolError('nothing-decided');
  const seen = new Set<string>();
  for (const { candidate_no: candidate } of all) {
    if (seen.has(candidate)) throw wrongInput(job, [`考生 ${candidate} 重复`]);
    seen.add(candidate);
  }
  return all;
}

/** The list on the school's desk while its files are decided one after the other. */
class SchoolDesk {
  readonly #act: Act<Input>;
  readonly #list: DispatchList;
  readonly #quota: AdmissionQuota;
  readonly #suggested: ReadonlyMap<number, string | null>;
  readonly #counts = { admitted: 0, returned: 0, undone: 0, unchanged: 0, unlisted: 0 };

  private constructor(
    act: Act<Input>,
    list: DispatchList,
    quota: AdmissionQuota,
    suggested: ReadonlyMap<number, string | null>,
  ) {
    this.#act = act;
    this.#list = list;
    this.#quota = quota;
    this.#suggested = suggested;
  }

  static async open(act: Act<Input>, list: DispatchList): Promise<SchoolDesk> {
    const { city, school } = list;
    const batch = act.batch(list.batch);
    const place = { city, school, batch, phase: batch.phase, counting: 'decided' } as const;
    const quota = await AdmissionQuota.open(act, place);
    return new SchoolDesk(act, list, quota, await suggestedMajors(act, list));
  }

  /** Fetches at once what the rules read of all these files. */
  prepare(files: readonly StandingFile[]): Promise<void> {
    return this.#quota.facts.know(files);
  }

  async decide(file: StandingFile, decision: Decision): Promise<void> {
    if (decision.decision === 'admit') await this.#admit(file, decision);
    else if (decision.decision === 'return') this.#return(file, decision);
    else this.#undo(file);
  }

  answer() {
    const { admitted, returned, undone, unchanged, unlisted } = this.#counts;
    const { list } = this.#list;
    const lines = [
      `投档单 ${list}：预录 ${admitted} 份，预退 ${returned} 份，撤销 ${undone} 份，` +
        `未变 ${unchanged} 份。`,
    ];
    if (unlisted > 0) {
      lines.push(`其中 ${unlisted} 份预退的理由不在规定之列；投档人数不超过计划数时会退回复议。`);
    }
    return { lines, counts: { ...this.#counts } };
  }

  async #admit(file: StandingFile, { major: wanted }: Decision): Promise<void> {
    const major = wanted ?? this.#suggested.get(file.file) ?? null;
    const candidate = file.candidateNo ?? '';
    if (major === null) throw schoolError('no-major', { candidate });
    if (file.state === 'proposed' && file.major === major) {
      this.#counts.unchanged += 1;
      return;
    }
    const rules = await this.#quota.require(file, major, 'admission');
    const open = this.#reopened(file);
    this.#quota.take(file, major);
    this.#act.move(open, 'propose-admission', {
      change: { major, reason: null, decidedBy: this.#act.user.user },
      ...(rules.length === 0 ? {} : { decision: rules.join(' ') }),
    });
    this.#counts.admitted += 1;
  }

  #return(file: StandingFile, { reason: given }: Decision): void {
    const candidate = file.candidateNo ?? '';
    if (given === undefined) throw schoolError('no-reason', { candidate });
    const { returnReasons } = this.#act.policy;
    const reason = returnReasonId(returnReasons, given);
    if (file.state === 'return-proposed' && file.reason === reason) {
      this.#counts.unchanged += 1;
      return;
    }
    const open = this.#reopened(file);
    this.#quota.free(file);
    this.#act.move(open, 'propose-return', {
      change: { reason, decidedBy: this.#act.user.user },
      note: { reason },
    });
    this.#counts.returned += 1;
    if (!reasonOf(returnReasons, reason).listed) this.#counts.unlisted += 1;
  }

  #undo(file: StandingFile): void {
    if (file.state === 'reading') {
      this.#counts.unchanged += 1;
      return;
    }
    this.#quota.free(file);
    this.#takeBack(file);
    this.#counts.undone += 1;
  }

  /** A file that is decided otherwise is taken back first: two events, as if done in two steps. */
  #reopened(file: StandingFile): StandingFile {
    return file.state === 'reading' ? file : this.#takeBack(file);
  }

  #takeBack(file: StandingFile): StandingFile {
    const major = this.#suggested.get(file.file) ?? null;
    return this.#act.move(file, 'undo-proposal', {
      change: { major, reason: null, decidedBy: null },
    });
  }
}
