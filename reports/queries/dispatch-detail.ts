/**
 * dispatch-detail (formats.md): one row per candidate who took part in a run. As CSV, these are the
 * bytes that the result hash is over and that `recompute --out` writes: UTF-8 without byte order
 * mark, LF, quotes only where needed, rows by the bytes of the candidate number. Hence the style
 * `exchange`: nothing is guarded, masked or shortened.
 */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader, requireCity } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type SelectContext,
} from '../report.ts';
import { streamRows } from '../row-stream.ts';
import { scopeWords } from '../scope-words.ts';
import { dispatchRun, lastDispatchRun } from './dispatch-run.ts';

const ROWS = `
select candidate_no, case when school is null then 'unplaced' else 'placed' end as outcome,
  school, ordinal, position, score, major as suggested_major, reasons, suggestion_reason
from decisions
where season = $1::smallint and city = $2 and run = $3
order by candidate_no collate "C"`;

export const dispatchDetail = defineReport({
  id: 'dispatch-detail',
  title: '投档明细',
  menu: '数据查询',
  side: 'office',
  withoutFindings: true,
  csv: 'exchange',
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: {
      city: PARAMETERS.city,
      batch: PARAMETERS.batch,
      round: PARAMETERS.round,
      run: PARAMETERS.run,
    },
  },
  sections: [
    {
      id: 'detail',
      title: '投档明细',
      order: '考生号，按字节',
      empty: '没有考生参加投档。',
      columns: [
        { key: 'candidate_no', title: '考生号', type: 'code', width: 16 },
        { key: 'outcome', title: '结果', type: 'code', width: 9 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'ordinal', title: '志愿序号', type: 'integer', width: 6 },
        { key: 'position', title: '位次', type: 'integer', width: 8 },
        { key: 'score', title: '投档分', type: 'hundredths', width: 8 },
        { key: 'suggested_major', title: '建议专业', type: 'code', width: 9 },
        { key: 'reasons', title: '各志愿理由', type: 'code', width: 40 },
        { key: 'suggestion_reason', title: '专业理由', type: 'code', width: 16 },
      ],
    },
  ],
  definitions: [
    { term: '结果', meaning: 'placed 投出，unplaced 未投出。' },
    { term: '位次', meaning: '在本次参加投档的考生中的名次；同分同名次；没有总分的为空。' },
    { term: '各志愿理由', meaning: '志愿序号:代码，以分号相连；含义见 candidate-outcome。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const key =
    parameters['run'] === undefined
      ? await lastDispatchRun(session, season, parameters)
      : await dispatchRun(session, season, Number(parameters['run']));
  const { city, batch, round } = key;
  const head = await readHead(session, season, {
    scope: await scopeWords(session, season, { city, batch, round }),
    businessDate: key.businessDate,
    runs: [key.run],
  });
  const reader = await enterReader(context, dispatchDetail, parameters);
  requireCity(reader, key.city, `运行 ${key.run}`);
  return {
    head,
    findings: [],
    rows: { detail: streamRows(session, ROWS, [season, key.city, key.run]) },
  };
}
