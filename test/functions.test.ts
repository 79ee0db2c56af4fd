/**
 * The tables of spec/functions.md, of which a copy stands beside this test, against what there is:
 * every job of both sides has its file, under its own name, menu and side; every report is in the
 * registry. A function that is dropped, renamed or misfiled fails here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { functionsOfSide } from '../db/access/functions.ts';
import type { FunctionJob } from '../jobs/act/function-job.ts';
import { schemaOf } from '../jobs/act/input.ts';
import { allFunctions } from '../jobs/act/registry.ts';
import { nightlyJobs } from '../jobs/nightly/registry.ts';
import { reports } from '../reports/registry.ts';
import { jobTitle, proposedTitle } from '../reports/words.ts';

interface Listed {
  readonly id: string;
  readonly title: string;
  readonly kind: 'job' | 'report';
  readonly side: 'office' | 'school';
}

interface Spec {
  readonly annex: readonly Listed[];
  readonly beyond: readonly Omit<Listed, 'side' | 'title'>[];
}

function readSpec(): Spec {
  const text = readFileSync(join(import.meta.dirname, 'functions', 'functions.md'), 'utf8');
  const annex: Listed[] = [];
  const beyond: Omit<Listed, 'side' | 'title'>[] = [];
  let part = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) part = line.slice(3);
    const cells = line.split('|').map(cell => cell.trim());
    if (!line.startsWith('| ') || cells[1] === 'id') continue;
    if (part === 'Beyond annex 1') {
      for (const id of (cells[1] as string).split(',').map(each => each.trim())) {
        beyond.push({ id, kind: cells[2] as Listed['kind'] });
      }
    } else {
      const side = part === 'School side' ? 'school' : 'office';
      const [, id, title, kind] = cells as [string, string, string, Listed['kind']];
      annex.push({ id, title, kind, side });
    }
  }
  return { annex, beyond };
}

/** The menus of annex 1 of the notice. */
const MENUS = new Set([
  '系统管理',
  '基本资料',
  '投档控制',
  '投档',
  '审核管理',
  '档案管理',
  '数据查询',
  '数据统计',
  '信息交流',
  '招生日报',
]);

const spec = readSpec();
const jobs = new Map((await allFunctions()).map(job => [job.id, job]));

function jobFaults({ id, title, side }: Listed): string[] {
  const job = jobs.get(id);
  if (job === undefined) return [`${side} ${id} ${title}: no job`];
  const faults: string[] = [];
  if (!job.sides.includes(side)) faults.push(`${id}: not of the ${side} side`);
  // One id of both sides bears the office's name where the sides' names are the same.
  if (job.title !== title) faults.push(`${id}: called ${job.title}, not ${title}`);
  if (!job.annex) faults.push(`${id}: is of annex 1`);
  return [...faults, ...declarationFaults(job)];
}

function declarationFaults(job: FunctionJob): string[] {
  const faults: string[] = [];
  if (!MENUS.has(job.menu)) faults.push(`${job.id}: no menu ${job.menu}`);
  if ((job.effect === undefined) === (job.launch === undefined)) {
    faults.push(`${job.id}: has either an effect or a launch`);
  }
  for (const [name, schema] of Object.entries(job.input.properties)) {
    if (typeof schema['description'] !== 'string') faults.push(`${job.id}.${name}: not described`);
  }
  return faults;
}

function reportFaults({ id, title, side }: Listed): string[] {
  const known = reports.filter(report => report.id === id);
  if (known.length !== 1) return [`${side} ${id} ${title}: registered ${known.length} times`];
  const [report] = known as [(typeof known)[number]];
  const faults: string[] = [];
  if (report.side !== side) faults.push(`${id}: of the ${report.side} side`);
  if (report.title !== title) faults.push(`${id}: called ${report.title}, not ${title}`);
  if (!MENUS.has(report.menu)) faults.push(`${id}: no menu ${report.menu}`);
  return faults;
}

t.test('the tables hold 92 functions, 67 of the office and 25 of the school', async t => {
  const pairs = new Set(spec.annex.map(({ side, title, id }) => `${side} ${id} ${title}`));
  t.equal(pairs.size, 92);
  t.equal(spec.annex.filter(({ side }) => side === 'office').length, 67);
  t.equal(spec.annex.filter(({ side }) => side === 'school').length, 25);
  t.equal(spec.beyond.length, 35);
});

t.test('every job of annex 1 is there under its name, menu and side', async t => {
  t.same(spec.annex.filter(({ kind }) => kind === 'job').flatMap(jobFaults), []);
});

t.test('every report of annex 1 is there under its name, menu and side', async t => {
  t.same(spec.annex.filter(({ kind }) => kind === 'report').flatMap(reportFaults), []);
});

t.test('everything beyond annex 1 is there', async t => {
  const missing = spec.beyond.filter(({ id, kind }) =>
    kind === 'job'
      ? jobs.get(id)?.annex !== false
      : reports.filter(report => report.id === id).length !== 1,
  );
  t.same(missing, []);
  for (const { id } of spec.beyond) {
    const job = jobs.get(id);
    if (job !== undefined) t.same(declarationFaults(job), [], id);
  }
});

t.test('no function is there that the tables do not name', async t => {
  const named = new Set([...spec.annex, ...spec.beyond].map(({ id }) => id));
  t.same(
    [...jobs.keys()].filter(id => !named.has(id)),
    [],
  );
});

t.test('whoever may have a function can be given it, and its input has a schema', async t => {
  for (const job of jobs.values()) {
    for (const side of job.sides) t.ok(functionsOfSide(side, []).has(job.id), `${side} ${job.id}`);
    t.match(schemaOf(job), { type: 'object', additionalProperties: false });
  }
});

t.test('reports call every nightly job by a Chinese name', async t => {
  for (const id of (await nightlyJobs()).keys()) t.match(jobTitle(id), /^[\u4e00-\u9fff]+$/u, id);
});

t.test('what waits for a second person is called by the name of its function', t => {
  const proposed = [...jobs.values()].filter(({ confirm }) => confirm !== undefined);
  t.ok(proposed.length > 0);
  for (const { id, title } of proposed) t.equal(proposedTitle(id), title);
  t.end();
});
