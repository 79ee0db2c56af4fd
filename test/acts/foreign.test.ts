/**
 * Every function, as every kind of user, against data that are not theirs: another city's
 * candidates, lists, plans, applications, rosters; another school's. Nobody gets through, and
 * nothing changes. A function that is added must be told here what it is foreign to, or the test
 * fails for want of it.
 */
import t from 'tap';
import { CodedError } from '../../engine/errors.ts';
import type { FunctionJob } from '../../jobs/act/function-job.ts';
import { allFunctions } from '../../jobs/act/registry.ts';
import { type ActWorld, actWorld, digest } from './act-world.ts';

const HOME = '440400';
const AWAY = '440600';
const THIRD = '440500';
const HASH = 'a'.repeat(64);
const PAPER = { request_hash: HASH, request_reference: '卷宗 1' };

/** Refusals that say: not yours. */
const FOREIGN = new Set(['out-of-scope', 'wrong-side', 'wrong-level', 'no-function']);

/**
 * Open to every school by their nature: schools take candidates and have plan lines wherever they
 * are. What they may not is told by their own tests; here, that nothing happens out of season.
 */
const OPEN = new Set([
  'admit-from-pool',
  'admit-many',
  'apply-approval-paper',
  'apply-plan-change',
  'apply-region-move',
  'apply-transfer',
  'supplement-candidate',
  'supplement-many',
]);

/** A run of its own, which stands in the ledger when it fails: see base-data.test.ts. */
const LAUNCHED_FIRST = new Set(['import']);

/** By a school about itself: no input can name another one. */
const OF_SCHOOL = new Set(['ask-question', 'file-daily-report']);

/** Named by no duty of the policy: the province's own users have them alone. */
const OF_PROVINCE = new Set(['export-run']);

/** What concerns nobody but the caller, or the whole province by the province's own users. */
const OWN = new Set(['change-password', 'log-out', 'lock-session', 'declare-relatives']);

type Input = Readonly<Record<string, unknown>>;

/** Codes and numbers of a city. */
interface Away {
  readonly city: string;
  readonly candidate: string;
  readonly school: string;
  readonly major: string;
  readonly list: number;
  readonly run: number;
  readonly county: string;
  readonly applications: Readonly<Record<string, number>>;
  readonly roster: number;
  readonly question: number;
  readonly notice: number;
}

/** By the name of the property; what a schema leaves out is left out. */
function common(away: Away): Input {
  const { city } = away;
  return {
    candidate_no: away.candidate,
    candidates: [away.candidate],
    city,
    from: city,
    to: city === AWAY ? HOME : THIRD,
    batch: 'vocational',
    school: away.school,
    major: away.major,
    list: away.list,
    run: away.run,
    reason: '别处的事情',
    verdict: 'approve',
    region: city,
    user: `city-${city}`,
    roster: away.roster,
    question: away.question,
    notice: away.notice,
    ...PAPER,
  };
}

/** Beyond the required properties, or where the name alone does not say what is foreign. */
function special(away: Away): Readonly<Record<string, Input>> {
  const review = (kind: string) => ({ application: away.applications[kind], verdict: 'approve' });
  return {
    'acknowledge-principles': { verdict: 'acknowledge' },
    'adopt-city-settings': { version: 1 },
    'adopt-policy': { documents: { 'policy.yaml': 'id: x' } },
    'answer-question': { answer: '答复如下', visibility: 'public' },
    'apply-approval-paper': { ground: 'outside-choices' },
    'apply-plan-change': { kind: 'plan', places: 1 },
    'apply-region-move': { places: 1 },
    'approve-own-system': { approved: true },
    'define-preference': { city: away.city, id: 'x-feature', remove: true },
    'define-subjects': { subjects: [{ code: '01', name: '语文', full: 100 }] },
    'admit-many': { rows: [{ candidate_no: away.candidate, major: away.major, ...PAPER }] },
    'decide-files': { decision: 'undo', candidates: [away.candidate] },
    'edit-candidate': { candidate_no: away.candidate, address: '某地' },
    'edit-school': { address: '某地' },
    'enter-preference': { feature: 'martyr-child' },
    'grant-functions': { user: `city-${away.city}`, functions: ['pending'] },
    'hold-file': { until: '2016-12-31' },
    'issue-roster': { phase: 'phase-1' },
    'lift-declaration': { user: `city-${away.city}` },
    'lock-system': { action: 'lock', region: away.city },
    'manage-notices': { action: 'withdraw', notice: away.notice },
    'manage-plans': { action: 'set', planned: 9 },
    'manage-questions': { action: 'close' },
    'manage-registration-points': { action: 'add', code: 'P9', name: '某校', county: away.county },
    'manage-schools': { action: 'disable' },
    'manage-users': { action: 'disable', user: `city-${away.city}` },
    'open-round': { new_choices: false },
    'register-students': { action: 'register' },
    'rehearse-restore': { file: 'none.backup' },
    'import-city-snapshot': { city: away.city, empty: true },
    'release-list': { city: away.city, list: away.list },
    'review-approval-paper': review('approval-paper'),
    'review-plan-change': review('plan-change'),
    'review-region-move': review('region-move'),
    'review-supplement': review('supplement'),
    'review-transfer': review('transfer'),
    'review-withdrawal': review('withdrawal'),
    'set-auto-review': { disable: 'submit-is-admission' },
    'set-candidate-status': { dispatchable: false },
    'set-city-batches': { order: 50 },
    'set-dispatch-mode': { ratio: '1.10' },
    'set-flexible-quota': { places: 3 },
    'set-region-score-line': { line: 300 },
    'set-school-batch': { schools: [away.school] },
    'set-school-review': { files: true },
    'set-school-schedule': {
      opens_at: '2016-07-21T08:00:00+08:00',
      closes_at: '2016-07-22T18:00:00+08:00',
    },
    'set-school-score-line': { line: 500 },
    'set-school-status': { status: 'suspended' },
    'set-special-conditions': { remove: 'none' },
    'sign-report': { report: 'published-plans', date: '2016-07-21' },
    'withdraw-report': { report: 'published-plans', date: '2016-07-21' },
    'supplement-candidate': { clerk: '某', name: '某某', sex: 'M', origin: 'veteran' },
    'supplement-many': { rows: [{ city: away.city }] },
  };
}

function inputOf(job: FunctionJob, away: Away): Input {
  const known = common(away);
  const required = Object.fromEntries(
    (job.input.required ?? []).filter(name => name in known).map(name => [name, known[name]]),
  );
  return { ...required, ...special(away)[job.id] };
}

const APPLICATIONS = [
  'withdrawal',
  'approval-paper',
  'plan-change',
  'region-move',
  'transfer',
  'supplement',
];

/** @param number of what is numbered for the whole season */
async function furnish(world: ActWorld, city: string, number: number): Promise<Away> {
  const [placed] = await world.query<Omit<Away, 'applications'> & { file: number }>(
    `select c.candidate_no as candidate, c.county, f.file, f.school, f.major, f.list, l.run
     from files f join candidates c using (season, city, file)
       join dispatch_lists l using (season, city, list)
       join schools s on s.season = f.season and s.code = f.school and s.region = $1
     where f.city = $1 and f.major is not null order by f.file limit 1`,
    [city],
  );
  if (placed === undefined) throw new Error(`nobody was placed in ${city}`);
  const applications: Record<string, number> = {};
  for (const kind of APPLICATIONS) {
    const [row] = await world.query<{ application: number }>(
      `insert into applications (season, kind, subject, city, other_city, school, other_school,
         batch, major, file, places, request_hash, request_reference, opened_by, opened_at,
         opened_on, phase)
       values (2016, $1, $1 || $2, $2, $3, $4, $5, 'vocational', $6, $7, 1, $8, '卷', $9, now(),
         '2016-07-21', 'phase-1')
       returning application`,
      [
        kind,
        city,
        kind === 'region-move' ? THIRD : null,
        placed.school,
        kind === 'transfer' ? placed.school : null,
        placed.major,
        placed.file,
        HASH,
        `school-${placed.school}`,
      ],
    );
    applications[kind] = (row as { application: number }).application;
  }
  await world.query(
    `insert into rosters (season, roster, city, school, phase, version, row_count, hash,
       issued_by, issued_at, issued_on)
     values (2016, $5, $1, $2, 'phase-1', 1, 0, $3, $4, now(), '2016-07-21')`,
    [city, placed.school, HASH, `city-${city}`, number],
  );
  await world.query(
    `insert into questions (season, question, city, school, title, body, asked_by, asked_at,
       asked_on) values (2016, $4, $1, $2, '问', '问', $3, now(), '2016-07-21')`,
    [city, placed.school, `school-${placed.school}`, number],
  );
  await world.query(
    `insert into notices (season, notice, city, title, body, levels, regions, school_kinds,
       published_by, published_at, published_on)
     values (2016, $3, $1, '告', '告', '{city}', '{}', '{}', $2, now(), '2016-07-21')`,
    [city, `city-${city}`, number],
  );
  return { ...placed, city, applications, roster: number, question: number, notice: number };
}

async function attempt(world: ActWorld, user: string, id: string, input: Input): Promise<string> {
  try {
    const { state } = await world.do(user, id, input);
    return `done: ${state}`;
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    return `failed: ${(error as Error).message}`;
  }
}

t.test('every function, as every kind of user, against data of others', async t => {
  const world = await actWorld(t, { dispatched: true, cities: [HOME, AWAY, THIRD] });
  const away = await furnish(world, AWAY, 1);
  const [own] = await world.query<{ school: string; county: string }>(
    `select s.code as school, (select code from regions where parent = $1 order by code limit 1)
       as county
     from schools s where s.region = $1 and s.kind = 'vocational' order by s.code limit 1`,
    [HOME],
  );
  const users = [
    `city-${HOME}`,
    `city-${HOME}-2`,
    `county-${own?.county}`,
    `school-${own?.school}`,
    `school-${own?.school}-clerk`,
  ];
  const jobs = (await allFunctions()).filter(
    ({ id }) => !OWN.has(id) && !OF_SCHOOL.has(id) && !LAUNCHED_FIRST.has(id),
  );
  const before = await digest(world.database);
  for (const job of jobs) {
    const input = inputOf(job, away);
    const codes = [];
    for (const user of users) codes.push([user, await attempt(world, user, job.id, input)]);
    const refusal = (code: string) => FOREIGN.has(code) || (OPEN.has(job.id) && !/:/.test(code));
    const through = codes.filter(([, code]) => !refusal(code as string));
    t.same(through, [], `${job.id} ${JSON.stringify(input).slice(0, 80)}`);
    const askedOfOwnSide = codes.some(([, code]) => code === 'out-of-scope');
    const levels = job.levels ?? ['province', 'city'];
    const provinceAlone = levels.length === 1 && levels[0] === 'province';
    const beyond = provinceAlone || OPEN.has(job.id) || OF_PROVINCE.has(job.id);
    t.ok(askedOfOwnSide || beyond, `${job.id} was refused by scope to somebody who has it`);
  }
  t.equal(await digest(world.database), before, 'nothing has changed');
});

/** Other ways to say that something of elsewhere is not the caller's, or does not fit here. */
const TOLD = new Set([
  ...FOREIGN,
  ...['not-proposer', 'assignee-unfit', 'nothing-held', 'list-not-released', 'unknown-county'],
]);

/**
 * Fields that name something of a city. Not among them: schools and majors, which every city sets
 * its own values for; a list is numbered per city, and foreign only with its city.
 */
const NAMES = new Set([
  ...['candidate_no', 'candidates', 'city', 'from', 'list', 'run', 'application', 'roster'],
  ...['question', 'notice', 'region', 'user'],
]);

/** Each field that could name something of elsewhere, by itself, beside the caller's own. */
function* mixed(job: FunctionJob, home: Away, away: Away): Generator<readonly [string, Input]> {
  const own = inputOf(job, home);
  const foreign: Input = { ...common(away), ...inputOf(job, away) };
  for (const name of Object.keys(job.input.properties)) {
    if (!NAMES.has(name) || (name === 'list' && 'city' in job.input.properties)) continue;
    const [mine, theirs] = [own[name], foreign[name]];
    if (theirs === undefined || JSON.stringify(mine) === JSON.stringify(theirs)) continue;
    yield [name, { ...own, [name]: theirs }];
    if (Array.isArray(theirs) && Array.isArray(mine)) {
      yield [`${name}, the second`, { ...own, [name]: [...mine, ...theirs] }];
    }
  }
}

t.test('one name of elsewhere among the caller’s own is refused like all of them', async t => {
  const world = await actWorld(t, { dispatched: true, cities: [HOME, AWAY, THIRD] });
  const [away, home] = [await furnish(world, AWAY, 1), await furnish(world, HOME, 2)];
  const before = await digest(world.database);
  const tried = new Set<string>();
  for (const job of await allFunctions()) {
    if (OWN.has(job.id) || LAUNCHED_FIRST.has(job.id)) continue;
    const users = job.sides.flatMap(side =>
      side === 'office'
        ? [`city-${HOME}`, `county-${home.county}`]
        : [`school-${home.school}`, `school-${home.school}-clerk`],
    );
    for (const [field, input] of mixed(job, home, away)) {
      tried.add(field);
      for (const user of users) {
        const code = await attempt(world, user, job.id, input);
        t.notMatch(code, /:/u, `${job.id} by ${user}, foreign ${field}`);
      }
    }
  }
  t.equal(await digest(world.database), before, 'nothing has changed');
  for (const field of ['candidate_no', 'candidates', 'candidates, the second', 'city', 'from']) {
    t.ok(tried.has(field), field);
  }
  for (const field of ['run', 'roster', 'question', 'notice', 'application', 'region', 'user']) {
    t.ok(tried.has(field), field);
  }
});

t.test('what names nothing by its usual field is refused as foreign', async t => {
  const world = await actWorld(t, { dispatched: true, cities: [HOME, AWAY, THIRD] });
  const [away, home] = [await furnish(world, AWAY, 1), await furnish(world, HOME, 2)];
  const [officer, second] = [`city-${HOME}`, `city-${HOME}-2`];
  const [feature] = await world.query<{ feature: string }>(
    'select feature from preferences limit 1',
  );
  const inPool = (city: string) =>
    world.query<{ candidate: string }>(
      `select candidate_no as candidate from candidates c where city = $1 and not exists (
         select from files f where f.city = c.city and f.file = c.file) order by 1 limit 1`,
      [city],
    );
  const [pool] = await inPool(AWAY);
  const [free] = await inPool(HOME);
  await world.query(`update runs set state = 'cancelled' where job = 'dispatch'`);
  const asked = { candidate_no: pool?.candidate, feature: feature?.feature, evidence: '证明' };
  const made = await attemptReport(world, `city-${AWAY}`, 'enter-preference', asked);
  await world
    .query(
      `insert into snapshots (season, snapshot, city, business_date, state, hash, late, run)
     select 2016, 7, $1, '2016-07-21', 'held', $2, false, min(run) from runs`,
      [AWAY, HASH],
    )
    .catch(() => {});
  const password = 'Zhuhai-2016-x';
  const person = { action: 'create', user: 'zz-new', password, duties: ['data'] };
  const cases: readonly (readonly [string, string, Input])[] = [
    ...(made === null
      ? []
      : ([
          [second, 'enter-preference', { confirm: made }],
          [second, 'enter-preference', { withdraw: made }],
        ] as const)),
    [officer, 'manage-users', { ...person, level: 'county', region: away.county }],
    [officer, 'manage-users', { ...person, level: 'city', region: AWAY }],
    [officer, 'manage-users', { ...person, level: 'school', school: away.school, duties: [] }],
    [officer, 'grant-functions', { duty: 'data', region: AWAY, functions: ['pending'] }],
    [officer, 'grant-functions', { user: `school-${away.school}`, functions: ['decide-files'] }],
    [officer, 'lock-system', { action: 'lock', region: away.county, reason: '投档前' }],
    [officer, 'lock-system', { action: 'lock', region: '440000', reason: '投档前' }],
    [officer, 'sign-report', { report: 'daily-reports', date: '2016-07-21', city: AWAY }],
    [
      officer,
      'withdraw-report',
      { report: 'daily-reports', date: '2016-07-21', city: AWAY, reason: '有误' },
    ],
    [
      officer,
      'manage-notices',
      { action: 'publish', title: '公告', body: '正文', regions: [AWAY] },
    ],
    [
      officer,
      'manage-questions',
      { action: 'assign', question: home.question, to: `city-${AWAY}` },
    ],
    [
      officer,
      'manage-registration-points',
      { action: 'add', code: 'P9', name: '某校', county: away.county },
    ],
    [officer, 'edit-candidate', { candidate_no: free?.candidate, county: away.county }],
    [
      officer,
      'edit-candidate',
      {
        edits: [
          { candidate_no: home.candidate, address: '甲' },
          { candidate_no: away.candidate, address: '乙' },
        ],
      },
    ],
    [officer, 'import-city-snapshot', { city: HOME, held: 7 }],
    [
      `school-${home.school}`,
      'decide-files',
      { city: AWAY, list: away.list, candidates: [away.candidate], decision: 'admit' },
    ],
    [
      `school-${home.school}`,
      'decide-files',
      {
        city: HOME,
        list: home.list,
        candidates: [home.candidate, away.candidate],
        decision: 'admit',
      },
    ],
  ];
  const before = await digest(world.database);
  for (const [user, id, input] of cases) {
    const code = await attempt(world, user, id, input);
    t.notMatch(code, /:/u, `${id} by ${user} ${JSON.stringify(input).slice(0, 90)}: ${code}`);
    t.ok(TOLD.has(code), `${id}: ${code}`);
  }
  t.equal(await digest(world.database), before, 'nothing has changed');
});

async function attemptReport(world: ActWorld, user: string, id: string, input: Input) {
  return world.do(user, id, input).then(
    ({ proposal }) => proposal,
    () => null,
  );
}

t.test('what concerns oneself alone names nobody else', async t => {
  for (const job of await allFunctions()) {
    if (!OWN.has(job.id) && !OF_SCHOOL.has(job.id)) continue;
    for (const name of ['user', 'school', 'city', 'candidate_no', 'region']) {
      t.notOk(name in job.input.properties, `${job.id} takes no ${name}`);
    }
  }
});
