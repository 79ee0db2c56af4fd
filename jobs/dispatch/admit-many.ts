/**
 * 批量投入录取: admit-from-pool for a list of rows, with a verdict per row: good rows are done, bad
 * ones are listed with code and sentence and change nothing.
 */
import { locateCandidates, type StandingFile } from '../../db/season/files.ts';
import { CodedError } from '../../engine/errors.ts';
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT_ITEMS_MAX } from '../act/input.ts';
import { ENTRY_INPUT } from './admit-from-pool.ts';
import { type Entry, EntryDesk, entryWindow } from './parts/entry.ts';

interface Input {
  readonly rows: readonly Entry[];
  /** Of every row that names none. */
  readonly clerk?: string;
}

interface Verdict {
  readonly row: number;
  readonly candidate_no: string;
  /** `done`, or why not. */
  readonly code: string;
  readonly sentence: string;
}

export const job = functionJob<Input>({
  id: 'admit-many',
  title: '批量投入录取',
  sides: ['school'],
  menu: '投档',
  annex: true,
  input: {
    properties: {
      rows: {
        type: 'array',
        minItems: 1,
        maxItems: INPUT_ITEMS_MAX,
        description: '逐行写明的考生',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['candidate_no', 'major'],
          properties: ENTRY_INPUT,
        },
      },
      clerk: ENTRY_INPUT.clerk,
    },
    required: ['rows'],
  },
  // Each row may name its clerk.
  personal: ['rows', 'clerk'],
  relatives: true,
  window: entryWindow,
  async target({ session, season, user, input }) {
    const numbers = input.rows.map(row => row.candidate_no);
    const found = await locateCandidates(session, season, numbers);
    const cities = [...new Set([...found.values()].map(place => place.city))].toSorted();
    return { cities, ...(user.school === null ? {} : { school: user.school }) };
  },
  async effect(act) {
    const desk = await EntryDesk.open(act);
    const files = await act.findCandidates(act.input.rows.map(row => row.candidate_no));
    desk.expect([...files.values()]);
    const verdicts: Verdict[] = [];
    for (const [index, row] of act.input.rows.entries()) {
      const place = { row: index + 1, candidate_no: row.candidate_no };
      verdicts.push({ ...place, ...(await enterRow(act, desk, files, row)) });
    }
    const bad = verdicts.filter(({ code }) => code !== 'done');
    const good = verdicts.length - bad.length;
    const lines = [
      `共 ${verdicts.length} 行：已投入 ${good} 行，未投入 ${bad.length} 行。`,
      ...bad.map(each => `第 ${each.row} 行：${each.sentence}`),
    ];
    return { lines, values: { verdicts }, counts: { done: good, refused: bad.length } };
  },
});

async function enterRow(
  act: Act<Input>,
  desk: EntryDesk<Input>,
  files: Map<string, StandingFile>,
  row: Entry,
): Promise<Pick<Verdict, 'code' | 'sentence'>> {
  const { clerk } = act.input;
  try {
    const file = files.get(row.candidate_no);
    if (file === undefined) {
      throw actError('unknown-candidate', { candidate: row.candidate_no });
    }
    const entered = await desk.enter(file, clerk === undefined ? row : { clerk, ...row });
    // The same number in a later row meets what this one has made of it.
    files.set(row.candidate_no, entered);
    const sentence = entered.state === 'admitted' ? '已录取。' : '已投入，待审核。';
    return { code: 'done', sentence };
  } catch (error) {
    if (!(error instanceof CodedError) || error.exitCode === 5) throw error;
    return { code: error.code, sentence: error.message };
  }
}
