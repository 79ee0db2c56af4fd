/**
 * What every report has in common, whatever it is about: its JSON keeps the published schema, its
 * numbers lead to the rows behind them, its head names seal and signatures, and who has read
 * people's data is on record.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import t, { type Test } from 'tap';
import { DRILLS, drillOf } from '../../reports/drill-down.ts';
import { checkParameters } from '../../reports/parameters.ts';
import { findReport, renderReport, reports, withContent } from '../../reports/registry.ts';
import { chunksOf, type Report, type ReportFormat, type Row } from '../../reports/report.ts';
import { SEASON } from '../jobs/night-world.ts';
import { livedSeasonUntil, livedWorld } from '../season/lived-season.ts';

type Given = Readonly<Record<string, unknown>>;

const season = await livedSeasonUntil(t, '2016-09-08');
const { database } = season;

const contextOf = (actor: string, purpose?: string) => ({
  ...{ database, season: SEASON, actor, unmasked: false },
  now: () => new Date('2016-09-08T04:00:00Z'),
  ...(purpose === undefined ? {} : { purpose }),
});

async function textOf(actor: string, id: string, given: Given, format: ReportFormat = 'json') {
  const pieces: Uint8Array[] = [];
  for await (const piece of renderReport(findReport(id), contextOf(actor), given, format)) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

async function rowsOf(actor: string, id: string, given: Given = {}) {
  return withContent(findReport(id), contextOf(actor), given, async ({ content }) => {
    const rows: Record<string, Row[]> = {};
    for (const [section, stream] of Object.entries(content.rows)) {
      const all: Row[] = [];
      for await (const chunk of chunksOf(stream)) all.push(...chunk);
      rows[section] = all;
    }
    return rows;
  });
}

async function one<R extends object>(sql: string): Promise<R> {
  return (await database.query<R>(sql))[0] as R;
}

const admitted = await one<{ school: string; city: string; candidate: string; clerk: string }>(
  `select f.school, f.city, c.candidate_no as candidate,
     (select min(user_name) from users u where u.school = f.school
        and u.disabled_at is null) as clerk
   from files f join candidates c using (season, city, file)
   where f.state in ('admitted', 'registered', 'filed') and f.phase = 'phase-1'
   order by count(*) over (partition by f.school) desc, f.school, c.candidate_no limit 1`,
);
const senior = await database.query<{ school: string }>(
  `select school from files where state = 'senior-high' and school is not null limit 1`,
);

/** Of what a report can't do without. */
const GIVEN: Readonly<Record<string, unknown>> = {
  candidate_no: admitted.candidate,
  school: admitted.school,
  city: admitted.city,
  phase: 'phase-1',
  by: 'city',
};

function needed(report: Report): Given {
  const names = report.parameters.required ?? [];
  return Object.fromEntries(names.map(name => [name, GIVEN[name]]));
}

const READERS = ['province', `city-${admitted.city}`, admitted.clerk];

/** As the first reader who has the function and may ask for it. */
async function readable(id: string): Promise<string | null> {
  const report = findReport(id);
  for (const reader of READERS) {
    try {
      return await textOf(reader, id, needed(report));
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === undefined || code === 'wrong-parameters') throw error;
    }
  }
  return null;
}

t.test('the JSON of every report keeps the published schema', async t => {
  const schema = join(import.meta.dirname, '..', '..', 'reports', 'report.schema.json');
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  const valid = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
  const unread: string[] = [];
  for (const { id } of reports) {
    if (findReport(id).csv === 'exchange') continue;
    const text = await readable(id);
    if (text === null) unread.push(id);
    else if (!valid(JSON.parse(text))) t.fail(`${id}: ${JSON.stringify(valid.errors?.[0])}`);
  }
  // A senior high's roster needs a senior high, which the shortest season may not have.
  t.same(
    unread.filter(id => id !== 'roster-senior-high' || senior.length > 0),
    [],
  );
  const changed = { ...JSON.parse((await readable('notices')) ?? '{}'), head: {} };
  t.notOk(valid(changed), 'and what does not is told');
});

/** A word of a program: `vocational`, `pending-review`, `phase-1`. */
const CODE = /^[a-z]+(?:-[a-z0-9]+)*$/;
/** Columns of user names, which are what they are. */
const USERS: ReadonlySet<string> = new Set(['actor', 'reader', 'typedBy', 'by']);

interface Told {
  readonly head: { readonly scope: string };
  readonly findings: readonly { readonly place: string; readonly sentence: string }[];
  readonly sections: readonly {
    readonly id: string;
    readonly columns: readonly Readonly<Record<'key' | 'title' | 'type', string>>[];
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  }[];
}

/** Asked for as narrowly as the report and its readers allow. */
async function narrowest({ id, parameters }: Report): Promise<readonly [string, Given]> {
  const whole = { ...GIVEN, batch: 'vocational', round: 1, state: 'registered' };
  const own = Object.entries(whole).filter(([name]) => name in parameters.properties);
  const tries = [own, own.filter(([name]) => name !== 'school'), []];
  for (const names of tries) {
    for (const reader of READERS) {
      const given = { ...needed(findReport(id)), ...Object.fromEntries(names) };
      const text = await textOf(reader, id, given).catch(() => null);
      if (text !== null) return [text, given];
    }
  }
  return ['', {}];
}

t.test('no code of the policy or the program stands where a person reads', async t => {
  for (const report of reports) {
    if (report.csv === 'exchange') continue;
    const [text, given] = await narrowest(report);
    if (text === '') continue;
    const { head, findings, sections } = JSON.parse(text) as Told;
    const said = [head.scope, ...findings.flatMap(each => [each.place, each.sentence])];
    t.same(
      said.filter(each => /[a-z]{3,}/.test(each.replace(/(?:city|school)-\d+[a-z-]*/g, ''))),
      [],
      `${report.id}: head and findings`,
    );
    if ('city' in given) t.notMatch(head.scope, /地市 [0-9]/, `${report.id}: the city's name`);
    if ('school' in given) t.notMatch(head.scope, /院校 [0-9]/, `${report.id}: the school's name`);
    if ('batch' in given) t.match(head.scope, '中等职业学校批', report.id);
    const codes = sections.flatMap(({ id, columns, rows }) =>
      columns
        .filter(({ type }) => type === 'text' || type === 'code')
        .filter(({ key, title }) => !USERS.has(key) && !/代码|设置|校验值/.test(title))
        .flatMap(({ key }) => rows.map(row => [id, key, String(row[key] ?? '')] as const))
        .filter(([, , value]) => value.split(/[ 、]/).some(word => CODE.test(word))),
    );
    t.same([...new Set(codes.map(each => each.join(' ')))], [], `${report.id}: cells`);
  }
});

t.test('what shows a finding is named as the policy names it', async t => {
  const { findings } = JSON.parse(await textOf('province', 'run-report', { date: '2016-09-01' }));
  const rows = (findings as { rows: Readonly<Record<string, unknown>>[] }[]).flatMap(
    each => each.rows,
  );
  const named = rows.flatMap(row => [row['rule'], row['batch']].filter(each => each != null));
  t.ok(named.length > 0, 'the sweep has returned files by a rule');
  t.same(
    named.filter(each => CODE.test(String(each))),
    [],
  );
});

t.test('the rows of a report lead to rows that there are', async t => {
  await t.test('each step names a report, its parameters and columns', async t => {
    for (const [from, { report, parameters }] of Object.entries(DRILLS)) {
      const [id = '', section = ''] = from.split('/');
      const source = findReport(id).sections.find(each => each.id === section);
      t.ok(source, from);
      const target = findReport(report);
      for (const [name, key] of Object.entries(parameters)) {
        t.ok(target.parameters.properties[name], `${from}: ${report} has ${name}`);
        t.ok(
          source?.columns.some(each => each.key === key),
          `${from} has ${key}`,
        );
      }
      const missing = (target.parameters.required ?? []).filter(name => !(name in parameters));
      t.same(missing, [], from);
    }
  });
  await followed(t);
});

/** Number of the row = sum of what it leads to. */
async function followed(t: Test): Promise<void> {
  // Of a dispatch the row shows the batch by its title.
  const [city] = (await rowsOf('province', 'run-report', { date: '2016-07-20' }))['cities'] ?? [];
  t.ok(city, 'a city was dispatched');
  const { parameters: asked } = drillOf('run-report', 'cities') as NonNullable<
    ReturnType<typeof drillOf>
  >;
  const given = Object.fromEntries(Object.entries(asked).map(([name, key]) => [name, city?.[key]]));
  const results = (await rowsOf('province', 'dispatch-results', given))['results'] ?? [];
  t.ok(results.length > 0, `dispatch-results ${JSON.stringify(given)}`);
  t.ok(results.every(row => row['city'] === city?.['city']));
  const sum = (rows: readonly Row[] | undefined, key: string) =>
    (rows ?? []).reduce((total, row) => total + Number(row[key] ?? 0), 0);
  const steps = [
    ['admission-progress', 'cities', 'admitted', 'schools', 'admitted'],
    ['admission-progress', 'schools', 'admitted', 'majors', 'admitted'],
    ['choice-counts', 'schools', 'choices', 'ordinals', 'choices'],
    ['school-admissions', 'schools', 'admitted', 'majors', 'admitted'],
    ['articulated-register', 'majors', 'registered', 'majors', 'registered'],
  ] as const;
  for (const [id, section, number, section2, number2] of steps) {
    const source = (await rowsOf('province', id))[section] ?? [];
    const busy = source.filter(row => Number(row[number]) > 0);
    t.ok(busy.length > 0 || id === 'articulated-register', `${id} has rows`);
    for (const row of busy.slice(0, 2)) {
      const { report, parameters } = drillOf(id, section) as NonNullable<
        ReturnType<typeof drillOf>
      >;
      const given = Object.fromEntries(
        Object.entries(parameters).map(([name, key]) => [name, row[key]]),
      );
      checkParameters(findReport(report), given);
      const behind = (await rowsOf('province', report, given))[section2];
      const own = busy.filter(each =>
        Object.values(parameters).every(key => each[key] === row[key]),
      );
      t.equal(sum(behind, number2), sum(own, number), `${id} ${section} ${JSON.stringify(given)}`);
    }
  }
}

t.test('every report asks who reads it', async t => {
  const asked = async (actor: string, id: string) => {
    try {
      await textOf(actor, id, needed(findReport(id)), id === 'dispatch-detail' ? 'csv' : 'json');
      return 'read';
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };
  const refusals = async (actor: string, ids: readonly string[]) =>
    Object.fromEntries(
      await Promise.all(ids.map(async id => [id, await asked(actor, id)] as const)),
    );
  const all = (ids: readonly string[], code: string) =>
    Object.fromEntries(ids.map(id => [id, code]));
  const ids = reports.map(({ id }) => id);
  t.same(await refusals('nobody', ids), all(ids, 'unknown-reader'));
  const officer = `city-${admitted.city}-2`;
  const take = (user: string) =>
    database.query(
      `insert into function_grants (user_name, function, granted, granted_by, granted_at)
       select $1, id, false, 'province', now() from unnest($2::text[]) id`,
      [user, ids],
    );
  const give = (user: string) =>
    database.query('delete from function_grants where user_name = $1', [user]);
  await t.test('whose functions were taken away reads nothing', async t => {
    for (const user of [officer, admitted.clerk]) {
      await take(user);
      t.same(await refusals(user, ids), all(ids, 'no-report-right'), user);
      await give(user);
    }
  });
  await t.test('the reports of the other side are nobody’s', async t => {
    // unregistered, contacts, published-plans and pending are both sides' (spec/functions.md).
    const both = new Set(['unregistered', 'contacts', 'published-plans', 'pending']);
    const ofSide = (side: string) =>
      reports.filter(each => each.side === side && !both.has(each.id)).map(({ id }) => id);
    const foreign = ofSide('office');
    t.same(await refusals(admitted.clerk, foreign), all(foreign, 'no-report-right'));
    const schools = ofSide('school');
    t.same(await refusals(officer, schools), all(schools, 'no-report-right'));
    t.equal(foreign.length + schools.length + both.size, ids.length);
  });
  await t.test('an office that was given a school’s report stays in its own scope', async t => {
    const far = (
      await database.query<{ city: string }>(
        'select distinct city from choices where school = $1 and city <> $2 limit 1',
        [admitted.school, admitted.city],
      )
    )[0];
    await database.query(
      `insert into function_grants (user_name, function, granted, granted_by, granted_at)
       values ($1, 'candidate-whereabouts', true, 'province', now())`,
      [officer],
    );
    const given = { school: admitted.school };
    const cities = new Set(
      (await rowsOf(officer, 'candidate-whereabouts', given))['candidates']?.map(
        row => row['city'],
      ),
    );
    const whole = new Set(
      (await rowsOf(admitted.clerk, 'candidate-whereabouts'))['candidates']?.map(
        row => row['city'],
      ),
    );
    t.same([...cities], [admitted.city]);
    t.equal(
      far === undefined || whole.has(far.city),
      true,
      'the school itself sees all of its own',
    );
    await give(officer);
  });
});

interface Line {
  readonly reader: string;
  readonly report: string;
  readonly people: number;
  readonly in_full: boolean;
  readonly purpose: string;
}

const lines = () =>
  database.query<Line>(
    'select reader, report, people, in_full, purpose from report_reads order by read',
  );

t.test('who reads people’s data is on record, and nothing else is', async t => {
  const before = (await lines()).length;
  const news = async () => (await lines()).slice(before);
  await textOf('province', 'admission-progress', {});
  await textOf(`city-${admitted.city}`, 'files-at-schools', { city: admitted.city });
  t.same(await news(), [], 'figures, and names that are masked');

  const letters = JSON.parse(await textOf(admitted.clerk, 'admission-letter', {}));
  const [, purposeless] = [letters, (await news())[0]];
  t.match(purposeless, {
    ...{ reader: admitted.clerk, report: 'admission-letter', in_full: true },
    ...{ people: letters.sections[0].rows.length, purpose: '未写明用途' },
  });
  const trail = findReport('candidate-trail');
  const asked = { candidate_no: admitted.candidate };
  const officer = `city-${admitted.city}`;
  await withContent(trail, contextOf(officer, '家长来访查询'), asked, async () => {});
  t.match((await news()).at(-1), {
    ...{ reader: officer, report: 'candidate-trail', people: 1, purpose: '家长来访查询' },
  });
  const { reads } = await rowsOf(officer, 'candidate-trail', asked);
  t.match(reads?.[0], { reader: officer, report: '考生轨迹查询', purpose: '家长来访查询' });

  await t.test('a reader who stops early has read what was given out', async t => {
    const count = (await lines()).length;
    const report = findReport('admission-letter');
    for await (const _ of renderReport(report, contextOf(admitted.clerk), {}, 'json')) break;
    t.equal((await lines()).length, count + 1);
  });

  await t.test('what is refused has shown nothing', async t => {
    const count = (await lines()).length;
    await t.rejects(textOf(admitted.clerk, 'candidate-trail', asked));
    t.equal((await lines()).length, count);
  });

  await t.test('the record can’t be changed', async t => {
    await t.rejects(database.query(`update report_reads set purpose = 'x'`));
    await t.rejects(database.query('delete from report_reads'));
  });
});

t.test('the head names the seal of the trail and the signatures', async t => {
  const world = await livedWorld(season);
  world.at = '2016-09-08T15:00';
  const given = { date: '2016-09-07', city: admitted.city };
  const head = async () => JSON.parse(await textOf('province', 'daily-reports', given));
  const [seal] = await database.query<{ seal: number; hash: string }>(
    'select seal, hash from seals order by seal desc limit 1',
  );
  t.match(await head(), { trail: seal as object, signed: null });
  const sign = (user: string) =>
    world.ask(user, 'sign-report', { report: 'daily-reports', ...given });
  t.ok((await sign(`city-${admitted.city}`)).ok);
  t.match(await head(), {
    signed: { version: 1, state: 'prepared', steps: [{ step: 'prepared' }] },
  });
  t.ok((await sign(`city-${admitted.city}-2`)).ok);
  const page = await textOf('province', 'daily-reports', given, 'html');
  t.match(page, /第1版，已市招办复核；制表 city-/u);
  t.match(page, /轨迹封存/u);
  const reason = '漏报一所院校';
  const withdrawn = await world.ask(`city-${admitted.city}`, 'withdraw-report', {
    ...{ report: 'daily-reports', ...given, reason },
  });
  t.ok(withdrawn.ok, JSON.stringify(withdrawn));
  const again = await head();
  t.ok(['open', 'withdrawn'].includes(again.signed.state));
});
