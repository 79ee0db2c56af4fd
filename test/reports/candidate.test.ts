/** candidate-outcome: where a candidate is and why, in words that agree with the tables. */
import t from 'tap';
import { outcomeLines } from '../../reports/queries/candidate-text.ts';
import { reasonSentence, type SchoolNumbers } from '../../reports/queries/reason-sentences.ts';
import { findReport, type RegistryContext, withContent } from '../../reports/registry.ts';
import { isArray, type Row } from '../../reports/report.ts';
import { freshDatabase } from '../database.ts';
import { makeProvince, NOW, SEASON } from './province.ts';

const database = await freshDatabase(t);
await makeProvince(database);
const context: RegistryContext = {
  database,
  season: SEASON,
  actor: 'province',
  unmasked: false,
  now: () => NOW,
};

async function told(candidate: string): Promise<{ choices: readonly Row[]; lines: string[] }> {
  const report = findReport('candidate-outcome');
  return withContent(report, context, { candidate_no: candidate }, async rendering => {
    const choices = rendering.content.rows['choices'] ?? [];
    return { choices: isArray(choices) ? choices : [], lines: outcomeLines(rendering) };
  });
}

/** A candidate of Guangzhou who has this reason at some choice. */
async function someoneWith(code: string, where = 'true'): Promise<string> {
  const [row] = await database.query<{ no: string }>(
    `select candidate_no as no from decisions
     where city = '440100' and reasons ~ $1 and ${where} order by candidate_no limit 1`,
    [`:${code}(;|$)`],
  );
  if (row === undefined) throw new Error(`nobody has ${code}`);
  return row.no;
}

t.test('every choice of everybody is told, in order, with the recorded code', async t => {
  const rows = await database.query<{ no: string; reasons: string }>(
    'select candidate_no as no, reasons from decisions order by candidate_no limit 40',
  );
  for (const { no, reasons } of rows) {
    const { choices } = await told(no);
    t.equal(choices.map(choice => `${choice['ordinal']}:${choice['code']}`).join(';'), reasons);
    t.ok(choices.every(choice => String(choice['why']).length > 5));
  }
});

t.test('a rule that refused is named with its article and the own values', async t => {
  const no = await someoneWith('below-region-line');
  const [own] = await database.query<{ score: number }>(
    'select score from decisions where candidate_no = $1',
    [no],
  );
  const { choices, lines } = await told(no);
  const choice = choices.find(one => one['code'] === 'below-region-line');
  t.equal(choice?.['result'], '不符合：达到区域分数线');
  t.match(String(choice?.['why']), `投档分 ${(own?.score ?? 0) / 100} 不低于 区域分数线 320`);
  t.match(String(choice?.['basis']), '粤招办普〔2016〕66号');
  t.match(String(choice?.['basis']), '投档控制1');
  t.ok(lines.some(line => line.includes('达到区域分数线（不通过）')));
});

t.test('a full school is explained with its own numbers', async t => {
  const no = await someoneWith('full');
  const { choices } = await told(no);
  const choice = choices.find(one => one['code'] === 'full');
  const [truth] = await database.query<{ sent: number; lowest: number; position: number }>(
    `select count(*)::integer as sent, min(score) as lowest, max(position) as position
     from decisions where city = '440100' and school = $1`,
    [choice?.['school']],
  );
  const last = `投出 ${truth?.sent} 人，最后一名投档分 ${(truth?.lowest ?? 0) / 100}`;
  t.match(String(choice?.['why']), `${last}、位次 ${truth?.position}`);
});

t.test('who was placed reads where the file is, and that it is no admission yet', async t => {
  const no = await someoneWith('placed', "reasons like '%;%'");
  const { choices, lines } = await told(no);
  t.ok(choices.some(choice => choice['result'] === '投出'));
  t.ok(lines.some(line => line.includes('还不是录取')));
  const after = choices.findIndex(choice => choice['code'] === 'placed') + 1;
  for (const choice of choices.slice(after)) {
    t.match(String(choice['why']), /已由第\d志愿投出/);
  }
});

t.test('without a total, and for a school without a plan, the reason says so', async t => {
  const missing = await told(await someoneWith('missing-data', 'score is null'));
  t.ok(missing.choices.some(choice => choice['why'] === '没有总分，不能参加按分数的投档。'));
  const noPlan = await told(await someoneWith('no-plan'));
  t.ok(noPlan.choices.some(choice => String(choice['why']).includes('没有本批次的招生计划')));
});

t.test('the name is masked unless the reader may see it', async t => {
  const no = await someoneWith('placed');
  t.notOk((await told(no)).lines.join('\n').includes('张示例'));
  const report = findReport('candidate-outcome');
  const shown = await withContent(
    report,
    { ...context, unmasked: true },
    { candidate_no: no },
    async rendering => outcomeLines(rendering).join('\n'),
  );
  t.ok(shown.includes('张示例'));
});

t.test('a change of the data after the run is told, and the record stands', async t => {
  const no = await someoneWith('below-region-line');
  await database.query('update candidates set total = 80000 where candidate_no = $1', [no]);
  const { choices } = await told(no);
  const choice = choices.find(one => one['code'] === 'below-region-line');
  t.match(String(choice?.['why']), '以当时的记录为准');
});

const SCHOOL: SchoolNumbers = {
  planned: 10,
  flexible: 0,
  roomBefore: 10,
  sent: 10,
  lowest: 60_050,
  lastOrdinal: 2,
  lastPosition: 10,
  overrun: 0,
};

t.test('each reason of a dispatch has a sentence that fits its case', t => {
  const placing = { ordinal: 2, score: 60_050, position: 12, placedOrdinal: 3, major: '' };
  const sentence = (code: string, school: SchoolNumbers | null = SCHOOL) =>
    reasonSentence(code, placing, school, null);
  t.match(sentence('full'), '与最后一名同分，按同分的比较办法排在其后');
  t.match(sentence('full', { ...SCHOOL, roomBefore: -2, sent: 0 }), '投档前已无空位');
  t.match(sentence('closed-by-tie'), '同分不进');
  t.match(sentence('below-bands'), '最低一段');
  t.match(sentence('earlier-choice-open'), '前面的志愿还有空位');
  t.match(sentence('not-reached'), '已由第3志愿投出');
  t.match(sentence('not-in-batch', null), '不在本批次');
  t.match(sentence('school-suspended'), '暂停');
  t.match(sentence('returned-before'), '退过');
  t.match(sentence('no-plan', null), '没有本批次的招生计划');
  t.match(sentence('placed', { ...SCHOOL, overrun: 2 }), '同分超出 2 人');
  t.end();
});
