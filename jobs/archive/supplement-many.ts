/**
 * 批量导入补录考生档案: the same from a file. Every row has its verdict: entered, with the number of
 * its application, or what is wrong with it; rows that are right are entered whatever the others
 * are. The file given once more enters nobody twice.
 */
import { lockEntries } from '../../db/season/supplements.ts';
import { CodedError } from '../../engine/errors.ts';
import type { Act } from '../act/act.ts';
import { functionJob, type Place, type Target } from '../act/function-job.ts';
import {
  enter,
  type KnownRegions,
  personOf,
  readRegions,
} from '../review/applications/supplement.ts';
import { recruitmentSpans } from '../review/applications/windows.ts';

/** A row holds the locks of its city until the last one is written. */
const ROWS_MAX = 2_000;

type Row = Readonly<Record<string, unknown>>;

interface Input {
  readonly rows: readonly Row[];
  readonly clerk?: string;
}

/** Of one row, by its place in the file from 1; no name and no identity number. */
interface RowVerdict {
  readonly row: number;
  readonly application: number | null;
  /** `done`, or why not. */
  readonly code: string;
  readonly sentence: string;
}

export const job = functionJob<Input>({
  id: 'supplement-many',
  title: '批量导入补录考生档案',
  sides: ['school'],
  menu: '档案管理',
  annex: true,
  input: {
    properties: {
      rows: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
        },
        minItems: 1,
        maxItems: ROWS_MAX,
        description: '考生，各列同 candidates.csv，可另有 clerk（经办人）一列',
      },
      clerk: { type: 'string', minLength: 1, maxLength: 100, description: '经办人，各行相同时' },
    },
    required: ['rows'],
  },
  personal: ['clerk', 'rows'],
  relatives: true,
  window: recruitmentSpans,
  target,
  async effect(act) {
    const regions = await act.asRunner(async session => {
      await lockEntries(session, act.season);
      return readRegions(session, act.season);
    });
    const verdicts: RowVerdict[] = [];
    for (const [index, row] of act.input.rows.entries()) {
      verdicts.push(await verdictOf(act, row, index + 1, regions));
    }
    const entered = verdicts.filter(({ code }) => code === 'done').length;
    const refused = verdicts.filter(({ code }) => code !== 'done');
    return {
      lines: [
        `共 ${verdicts.length} 行：补录 ${entered} 人，退回 ${refused.length} 行。`,
        ...refused.map(({ row, sentence }) => `第 ${row} 行：${sentence}`),
      ],
      values: { verdicts },
      counts: { rows: verdicts.length, entered, refused: refused.length },
    };
  },
});

/** The cities of all rows that name one: the rows of the others are refused one by one. */
async function target({ session, season, input, user }: Place<Input>): Promise<Target> {
  const { cities: known } = await readRegions(session, season);
  const named = input.rows.map(row => String(row['city'] ?? row['地市'] ?? '').trim());
  const cities = [...new Set(named)].filter(city => known.has(city)).toSorted();
  const { school } = user;
  return { cities, ...(school === null ? {} : { school }) };
}

async function verdictOf(
  act: Act<Input>,
  row: Row,
  number: number,
  regions: KnownRegions,
): Promise<RowVerdict> {
  const { clerk: own, 经办人: chinese, ...record } = row;
  const clerk = String(own || chinese || act.input.clerk || '');
  const rules = { attributes: act.policy.attributes, today: act.businessDate, regions };
  try {
    const application = await enter(act, personOf(record, clerk, rules), clerk);
    return { row: number, application, code: 'done', sentence: '已补录，待审核。' };
  } catch (error) {
    if (!(error instanceof CodedError) || error.exitCode === 5) throw error;
    return { row: number, application: null, code: error.code, sentence: error.message };
  }
}
