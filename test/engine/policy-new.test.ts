/** Next year's policy from this year's: what is moved, what is emptied, what is left to decide. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { comparePolicies } from '../../engine/policy/diff/compare.ts';
import { emptyDates } from '../../engine/policy/empty-dates.ts';
import { runExamples } from '../../engine/policy/examples.ts';
import { loadPolicy } from '../../engine/policy/load.ts';
import { decisionLines } from '../../engine/policy/new-year/decisions.ts';
import { movedDate } from '../../engine/policy/new-year/move-date.ts';
import { type NewYearInput, newYear } from '../../engine/policy/new-year/new-year.ts';
import type { PolicyBundle } from '../../engine/policy/types.ts';
import { main } from '../../jobs/cli/program.ts';

const FOLDER = new URL('../../rules/guangdong-2016', import.meta.url).pathname;
const files = new Map(
  [...readPolicyFolder(FOLDER)].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]),
);
const SHIPPED = loadPolicy(files).bundle as PolicyBundle;
const made = (input: Partial<NewYearInput> = {}) =>
  newYear({ files, from: SHIPPED, season: 2017, dates: 'empty', ...input });
const loaded = (written: ReadonlyMap<string, string>) => {
  const { bundle, problems } = loadPolicy(written);
  if (bundle === undefined) throw new Error(problems.map(each => each.message).join('\n'));
  return bundle;
};

for (const dates of ['empty', 'same-day', 'same-weekday'] as const) {
  t.test(`with dates ${dates}, the new year loads and its examples hold`, async t => {
    const { id, files: written } = made({ dates });
    const bundle = loaded(written);
    t.match(bundle, { id: 'guangdong-2017', season: 2017 });
    t.equal(id, 'guangdong-2017');
    t.equal(bundle.title, '广东省2017年中等职业学校招生录取');
    const verdicts = await runExamples(bundle);
    t.same(
      verdicts.flatMap(({ problem }) => (problem === null ? [] : [problem.message])),
      [],
    );
  });

  t.test(`with dates ${dates}, the check names exactly the dates that are empty`, async t => {
    const { files: written, decisions } = made({ dates });
    const empty = decisions.filter(({ kind }) => kind === 'empty-date');
    const place = ({ file, line }: { file: string; line: number }) => `${file}:${line}`;
    t.same(emptyDates(loaded(written)).map(place).sort(), empty.map(place).sort());
    t.equal(empty.length, dates === 'empty' ? 22 : 4);
  });
}

t.test('nothing but dates, the identity and drawn seeds is different', async t => {
  const { files: written } = made();
  const { changes } = comparePolicies(SHIPPED, loaded(written));
  const keys = new Set(changes.map(({ path }) => path.split(/[.\]]/).at(-1)));
  t.same([...keys].sort(), ['at', 'date', 'id', 'season', 'seed', 'title', 'valid', 'window']);
  for (const [path, text] of written) {
    const [was, is] = [files.get(path) ?? '', text].map(each => each.split('\n'));
    t.equal(is?.length, was?.length, path);
    const dated = /\d{4}-\d{2}-\d{2}|id: guangdong|season:|title: 广东省|seed:/;
    const other = (was ?? []).filter((line, at) => line !== is?.[at] && !dated.test(line));
    t.same(other, [], path);
    t.notMatch(text.replace(/#.*/g, ''), /2016-\d\d-\d\d/, path);
  }
});

t.test(
  'an announced date becomes empty, a sample one moves, a batch follows its phase',
  async t => {
    const { files: written, decisions } = made();
    const calendar = written.get('calendar.yaml') ?? '';
    t.match(calendar, /id: phase-1\n.*\n.*\n {4}window: null\n/);
    t.match(
      calendar,
      /id: withdrawal\n.*\n {4}basis: sample\n {4}window: \[2017-07-30, 2017-12-31\]/,
    );
    t.match(calendar, 'title: 第一阶段学校确定已报到新生, date: null, basis: n66');
    t.match(written.get('cities/440800.yaml'), /\n {6}window: null\n/);
    const phase = decisions.find(
      ({ kind, title }) => kind === 'empty-date' && /^第一阶段（/.test(title),
    );
    t.match(phase, { kind: 'empty-date', line: 7, now: null });
    t.same(phase?.proposals, [
      { rule: '同月同日为', value: '2017-07-20（周四） 至 2017-07-29（周六）' },
      { rule: '同星期为', value: '2017-07-19（周三） 至 2017-07-28（周五）' },
    ]);
    t.match(written.get('deadlines.yaml'), 'at: 2017-09-01T00:00');
    t.match(written.get('cities/445300.yaml'), 'seed: null');
    const kinds = Object.groupBy(decisions, ({ kind }) => kind);
    t.equal(kinds.line?.length, 24);
    t.equal(kinds.lottery?.length, 6, '3 cities draw lots, and each seed is withdrawn');
    t.ok(kinds.sample?.some(({ title }) => title === '烈士子女'));
    t.ok(kinds['old-basis']?.some(({ was }) => was === 'n66 一（二）'));
    t.ok(kinds['year-in-text']?.some(({ was }) => was.includes('以2017年发文为准')));
    const lines = decisionLines(decisions).join('\n');
    t.match(lines, '一、空的日期');
    t.match(lines, /calendar\.yaml:15　春季自主招生（以2017年发文为准）：仍空/);
  },
);

t.test('a date keeps its month and day, or its day of the week, and always exists', async t => {
  t.equal(movedDate('2016-02-29', 1, 'same-day'), '2017-02-28');
  t.equal(movedDate('2016-02-29', 4, 'same-day'), '2020-02-29');
  t.equal(movedDate('2016-07-20', 1, 'same-weekday'), '2017-07-19');
  const day = fc.date({
    min: new Date('2001-01-01'),
    max: new Date('2090-12-31'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(day, fc.integer({ min: 1, max: 8 }), (date, years) => {
      const text = date.toISOString().slice(0, 10);
      const weekday = (each: string) => new Date(`${each}T00:00:00Z`).getUTCDay();
      const moved = movedDate(text, years, 'same-weekday');
      t.equal(weekday(moved), weekday(text));
      const there = movedDate(text, years, 'same-day');
      const apart = Math.abs(Date.parse(moved) - Date.parse(there)) / 86_400_000;
      t.ok(apart <= 3, `${moved} is near ${there}`);
    }),
  );
});

async function policy(...words: string[]): Promise<{ code: number; out: string; error: string }> {
  const said = { out: '', error: '' };
  const code = await main(['policy', ...words], {
    out: text => {
      said.out += text;
    },
    error: text => {
      said.error += text;
    },
  });
  return { code, ...said };
}

t.test('the command writes the folder whole, or refuses and leaves nothing', async t => {
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-new-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const from = join(home, 'guangdong-2016');
  await cp(FOLDER, from, { recursive: true });
  const written = await policy('new', '2017', '--from', from, '--format', 'json');
  t.equal(written.code, 0, written.error);
  const said = JSON.parse(written.out);
  t.match(said, { id: 'guangdong-2017', season: 2017, from: 'guangdong-2016' });
  t.equal(said.folder, join(home, 'guangdong-2017'));
  const checked = await policy('check', said.folder);
  t.equal(checked.code, 0);
  t.equal(checked.out.match(/\[date-empty\]/g)?.length, 22);
  const before = await readFile(join(said.folder, 'batches.yaml'), 'utf8');
  t.match(before, '$schema=../schema/batches.schema.json', 'beside it, nothing moves');

  const again = await policy('new', '2017', '--from', from);
  t.match(again, { code: 3, error: /folder-exists/ });
  t.equal(await readFile(join(said.folder, 'batches.yaml'), 'utf8'), before);
  for (const year of ['2016', '2015', '17', '2037', 'next']) {
    t.match(
      await policy('new', year, '--from', from),
      { code: 2, error: /应为 2017 至 2036/ },
      year,
    );
  }
  t.match(await policy('new', '2017', '--from', from, '--dates', 'guess'), { code: 2 });
  t.match(await policy('new', '2017', '--from', join(home, 'none')), { code: 3 });
  await writeFile(join(home, 'file'), '');
  const blocked = await policy('new', '2018', '--from', from, '--to', join(home, 'file', 'below'));
  t.not(blocked.code, 0);
  await mkdir(join(home, 'deep'));
  const far = await policy('new', '2018', '--from', from, '--to', join(home, 'deep', 'p'));
  t.equal(far.code, 0);
  const city = await readFile(join(home, 'deep', 'p', 'cities', '440100.yaml'), 'utf8');
  t.match(city, '$schema=../../../schema/city.schema.json');
  await writeFile(join(from, 'batches.yaml'), 'batches: 1\n');
  t.match(await policy('new', '2018', '--from', from), { code: 3, error: /policy-has-errors/ });
  t.same((await readdir(home)).sort(), ['deep', 'file', 'guangdong-2016', 'guangdong-2017']);
});
