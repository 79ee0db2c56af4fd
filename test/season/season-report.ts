/** What happened in a season: counts, refusals by code, runs, findings, properties. */
import type { Lived } from './live.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

export interface Told {
  readonly world: SeasonWorld;
  readonly lived: Lived;
  readonly from: string;
  readonly to: string;
  readonly elapsedMs: number;
}

interface Section {
  readonly title: string;
  readonly rows: readonly (readonly [string, string | number])[];
}

async function sections({ world, lived, from, to, elapsedMs }: Told): Promise<Section[]> {
  const states = await world.query<{ state: string; count: number }>(
    `select coalesce(f.state, 'in-pool') as state, count(*)::integer as count
     from candidates c left join files f using (season, city, file)
     where c.season = $1 group by 1 order by 2 desc`,
    [SEASON],
  );
  const events = await world.query<{ name: string; count: number }>(
    `select name, count(*)::integer as count from events where season = $1
     group by name order by 2 desc, 1`,
    [SEASON],
  );
  const applications = await world.query<{ what: string; count: number }>(
    `select kind || ' ' || state as what, count(*)::integer as count from applications
     where season = $1 group by 1 order by 1`,
    [SEASON],
  );
  const refusals = [...world.refused].flatMap(([id, codes]) =>
    [...codes].map(([code, count]) => [`${id} ${code}`, count] as const),
  );
  return [
    {
      title: '季节模拟',
      rows: [
        ['种子 seed', world.seed],
        ['日期 days', `${from} 至 ${to}`],
        ['逐日核查 checks', `${lived.checks} 次，没有不成立的性质`],
        ['用时 elapsed', `${(elapsedMs / 1000).toFixed(1)} 秒`],
      ],
    },
    { title: '档案现状 files', rows: states.map(({ state, count }) => [state, count]) },
    { title: '事件 events', rows: events.map(({ name, count }) => [name, count]) },
    { title: '申请 applications', rows: applications.map(({ what, count }) => [what, count]) },
    {
      title: '用时 spent',
      rows: [...lived.spent].map(([what, ms]) => [what, `${(ms / 1000).toFixed(1)} 秒`] as const),
    },
    {
      title: '夜间作业用时 spent in runs',
      rows: [...world.jobMs]
        .toSorted()
        .map(([job, ms]) => [job, `${(ms / 1000).toFixed(1)} 秒`] as const),
    },
    { title: '夜间作业 runs', rows: [...world.runs].toSorted() },
    { title: '核查所见 findings', rows: [...world.findings].toSorted() },
    { title: '已办业务 done', rows: [...world.done].toSorted() },
    { title: '拒绝 refusals by code', rows: refusals.toSorted() },
  ];
}

export async function seasonText(told: Told): Promise<string> {
  const lines = (await sections(told)).flatMap(({ title, rows }) => [
    `\n${title}`,
    ...rows.map(([name, value]) => `  ${name.padEnd(44)} ${value}`),
  ]);
  return lines.join('\n');
}

export async function seasonHtml(told: Told): Promise<string> {
  const body = (await sections(told)).map(
    ({ title, rows }) =>
      `<h2>${escaped(title)}</h2><table>${rows
        .map(([name, value]) => `<tr><td>${escaped(name)}<td>${escaped(String(value))}`)
        .join('')}</table>`,
  );
  return `<!doctype html><html lang="zh"><meta charset="utf-8"><title>季节模拟</title>
<style>body{font-family:sans-serif}td{padding:0 1em 0 0}td+td{text-align:right}</style>
${body.join('\n')}</html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
