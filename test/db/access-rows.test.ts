/** Row-level security: who sees and writes which rows, whatever a statement asks for. */
import t from 'tap';
import { enterScope, leaveScope } from '../../db/access/scope.ts';
import type { User } from '../../db/access/user.ts';
import type { Database, Session } from '../../db/connect.ts';
import { freshDatabase } from '../database.ts';
import { EXPECTATIONS, type Expectation, KINDS } from './access-expectations.ts';
import { fillWorld, SEASON, tryAs, userOf } from './access-world.ts';

/** Their identity columns cannot be given a value by hand: PostgreSQL refuses before a policy. */
const GENERATED = new Set(['runs', 'relative_declarations', 'score_corrections']);

async function labels(session: Session, sql: string): Promise<string> {
  const rows = await session.query<{ label: unknown }>(sql);
  return sorted(rows.map(row => String(row.label)));
}

function sorted(all: readonly string[]): string {
  return [...all].sort().join(' ');
}

const words = (text: string) => text.split(' ').filter(word => word !== '');

/** What a user may do with a table that he should not, or may not that he should. */
async function breaches(
  session: Session,
  user: User,
  expected: Expectation,
  kind: number,
): Promise<string[]> {
  const { table, label } = expected;
  const sees = sorted(words(expected.sees[kind] as string));
  const writes = sorted(words(expected.writes[kind] as string));
  const found: string[] = [];
  const compare = (what: string, got: unknown, want: string) => {
    if (got !== want) found.push(`${user.user} ${what} ${table}: ${JSON.stringify(got)}`);
  };
  const rows = await session.query<{ label: unknown; row: unknown }>(
    `select ${label} as label, to_jsonb(t) as row from ${table} t`,
  );
  const attempt = async (sql: string) => {
    const got = await tryAs(session, user, () => labels(session, sql));
    return typeof got === 'object' && got.refused === '42501' ? '' : got;
  };
  const seeing = `select ${label} as label from ${table}`;
  compare('sees', await attempt(seeing), sees);
  const reading = () => labels(session, seeing);
  compare('reads', await tryAs(session, user, reading, 'read'), sees);
  const [first] = Object.keys((rows[0] as { row: object }).row);
  const same = `update ${table} set ${first} = ${first} returning ${label} as label`;
  compare('updates', await attempt(same), writes);
  const deleted = await attempt(`delete from ${table} returning ${label} as label`);
  const beyond = words(typeof deleted === 'string' ? deleted : '').filter(
    each => !words(writes).includes(each),
  );
  if (beyond.length > 0) found.push(`${user.user} deletes ${table}: ${beyond}`);
  for (const row of rows) {
    if (words(writes).includes(String(row.label)) || GENERATED.has(table)) continue;
    const sql = `insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`;
    const got = await tryAs(session, user, () => session.query(sql, [JSON.stringify(row.row)]));
    if (!('refused' in got) || got.refused !== '42501') {
      found.push(`${user.user} inserts ${table} ${row.label}: ${JSON.stringify(got)}`);
    }
  }
  return found;
}

/** @param enough as many are asked for as prove the point; undefined: all */
async function allBreaches(
  database: Database,
  expectations: readonly Expectation[],
  prepare: (session: Session) => Promise<unknown> = async () => {},
  enough = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const users = await Promise.all(KINDS.map(kind => userOf(database, kind)));
  const undone = new Error('undone');
  const found: string[] = [];
  const work = database.transaction(async session => {
    await prepare(session);
    for (const expected of expectations) {
      for (const [kind, user] of users.entries()) {
        found.push(...(await breaches(session, user, expected, kind)));
        if (found.length >= enough) throw undone;
      }
    }
    throw undone;
  });
  await work.catch(error => {
    if (error !== undone) throw error;
  });
  return found;
}

t.test('each kind of user sees and writes the own rows of every table, and no other', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  t.same(await allBreaches(database, EXPECTATIONS), []);
});

t.test('without its policies, a table shows or takes what it should not', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  for (const expected of EXPECTATIONS) {
    const { table } = expected;
    const open = (session: Session) =>
      session.query(`alter table ${table} disable row level security`);
    const writable = expected.writes.some(words => words !== '');
    const confines = writable || new Set(expected.sees).size > 1 || table === 'settings';
    t.ok(confines, `${table} is confined`);
    t.not((await allBreaches(database, [expected], open, 1)).length, 0, `${table} opened`);
    const policies = ['scope_reads', 'reader_reads', 'scope_updates'].filter(
      policy => policy !== 'scope_updates' || writable,
    );
    for (const policy of policies) {
      const closed = (session: Session) => session.query(`drop policy ${policy} on ${table}`);
      const found = await allBreaches(database, [expected], closed, 1);
      t.not(found.length, 0, `${table} ${policy}`);
    }
  }
});

t.test('every table with a city, a file or a user has row-level security', async t => {
  const database = await freshDatabase(t);
  const rows = await database.query<{ table: string }>(
    `select distinct c.relname as table from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and a.attname in ('city', 'file', 'user_name') and not c.relrowsecurity`,
  );
  t.same(rows, [], 'protect the table in its migration');
  const expected = new Set(EXPECTATIONS.map(each => each.table));
  const secured = await database.query<{ table: string }>(
    `select relname as table from pg_class
      where relnamespace = 'public'::regnamespace and relrowsecurity`,
  );
  const untested = secured.map(row => row.table).filter(table => !expected.has(table));
  t.same(untested, [], 'say in access-expectations.ts who sees what');
});

t.test('an office reads a report in a role that writes nothing, a county as ever', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  const roleOf = (name: string) =>
    database.transaction(async session => {
      await enterScope(session, await userOf(database, name), 'read');
      const [row] = await session.query<{ role: string }>('select current_role as role');
      return row?.role;
    });
  t.equal(await roleOf('province'), 'zhongzhao_reader');
  t.equal(await roleOf('city-440100'), 'zhongzhao_reader');
  t.equal(await roleOf('county-440103'), 'zhongzhao_app');
  t.equal(await roleOf('school-4401001'), 'zhongzhao_app');
  const rights = await database.query<{ table: string }>(
    `select relname as table from pg_class c
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v')
       and (has_table_privilege('zhongzhao_reader', oid, 'insert, update, delete, truncate')
         or has_table_privilege('zhongzhao_reader', oid, 'select')
           <> has_table_privilege('zhongzhao_app', oid, 'select'))`,
  );
  t.same(rights, [], 'reads what users read, and writes nothing');
  await database.transaction(async session => {
    const county = await userOf(database, 'county-440103');
    const school = await userOf(database, 'school-4401001');
    for (const user of [county, school]) {
      await enterScope(session, user);
      await session.query('set local role zhongzhao_reader');
      const found = await session.query('select 1 from files union all select 1 from candidates');
      t.same(found, [], `${user.user} would find nothing there`);
    }
  });
});

t.test('without settings nobody has a row, whatever stood there before', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  const user = await userOf(database, 'province');
  await database.session(async session => {
    for (const former of [false, true]) {
      if (former) {
        await session.query('begin');
        await enterScope(session, user);
        await session.query('commit');
      }
      await session.query('begin');
      for (const role of ['zhongzhao_reader', 'zhongzhao_app']) {
        await session.query(`set local role ${role}`);
        for (const { table } of EXPECTATIONS) {
          t.same(await session.query(`select 1 from ${table}`), [], `${role} ${table}`);
        }
      }
      t.same(await session.query(`select * from candidate_for_entry(2016::smallint, '1')`), []);
      await session.query('rollback');
    }
  });
});

t.test('one connection, two users in turn: each has the own rows', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  const [city, other, school] = await Promise.all(
    ['city-440100', 'city-440400', 'school-4404001'].map(name => userOf(database, name)),
  );
  const seen: string[] = [];
  const backends = new Set<number>();
  await database.session(async session => {
    for (const user of [city, other, school, city] as User[]) {
      await session.query('begin');
      await enterScope(session, user);
      seen.push(await labels(session, 'select file as label from candidates'));
      await leaveScope(session);
      seen.push(await labels(session, 'select file as label from candidates'));
      await session.query('commit');
      const [row] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
      backends.add(row?.pid ?? 0);
    }
  });
  const all = '1 2 3 4';
  t.same(seen, ['1 2', all, '3 4', all, '3', all, '1 2', all]);
  t.equal(backends.size, 1);
});

t.test('a scope outside a transaction is refused', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  const user = await userOf(database, 'city-440100');
  await t.rejects(
    database.session(session => enterScope(session, user)),
    { code: 'scope-needs-transaction' },
  );
});

t.test('a school takes a candidate from the pool by the exact number', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  const user = await userOf(database, 'school-4401001');
  await database
    .transaction(async session => {
      await enterScope(session, user);
      const known = await session.query(`select * from candidate_for_entry($1::smallint, '4')`, [
        SEASON,
      ]);
      const entry = { city: '440400', file: 4, origin: 'fresh', sex: 'M', total: 40000 };
      t.same(known, [{ ...entry, state: 'in-pool' }]);
      t.same(await session.query('select name from candidates where file = 4'), []);
      const taken = await session.query(
        `update files set state = 'pending-review', school = '4401001'
        where season = 2016 and city = '440400' and file = 4 returning file`,
      );
      t.same(taken, [{ file: 4 }]);
      t.same(await session.query('select name from candidates where file = 4'), [{ name: '某' }]);
      const elsewhere = `update files set school = '4404001' where file = 4`;
      await t.rejects(session.query(elsewhere), { code: '42501' });
    })
    .catch(error => t.equal(error.code, 'transaction-aborted'));
});

t.test('a school enters a person of its own, file first, and no other', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  const user = await userOf(database, 'school-4401001');
  const person = `insert into candidates (season, city, file, name, sex, origin)
    values (2016, '440100', 9, '某', 'F', 'veteran')`;
  const file = `insert into files (season, city, file, state, school, event)
    values (2016, '440100', 9, 'unnumbered', '4401001', 3)`;
  const identity = `insert into identities values (2016, '\\x99', '440100', 9)`;
  await database.transaction(async session => {
    t.same(await tryAs(session, user, () => session.query(person)), { refused: '42501' });
    const all = async () => {
      for (const sql of [file, person, identity]) await session.query(sql);
      return session.query('select origin from candidates where file = 9');
    };
    t.same(await tryAs(session, user, all), [{ origin: 'veteran' }]);
  });
});

t.test('an office writes plans of the kinds it answers for', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  await database.query(`update users set office = 'ZB440100' where user_name = 'city-440100'`);
  const user = await userOf(database, 'city-440100');
  t.same(user.kinds, ['vocational']);
  await database.transaction(async session => {
    const sql = 'update plan_lines set planned = 6 returning school as label';
    t.equal(await tryAs(session, user, () => labels(session, sql)), '4401001');
  });
});

t.test('a statement over 20,000 candidates computes the scope once', async t => {
  const database = await freshDatabase(t);
  await fillWorld(database);
  await database.query(`insert into candidates
    (season, city, file, name, sex, county, origin)
    select 2016, case when n % 2 = 0 then '440100' else '440400' end, 100 + n, '某', 'F',
           '440103', 'fresh' from generate_series(1, 20000) n`);
  await database.query('analyze candidates');
  const plan = async (session: Session) => {
    const sql = 'explain (analyze, verbose, timing off) select city, file from candidates';
    const rows = await session.query<{ 'QUERY PLAN': string }>(sql);
    return rows.map(row => row['QUERY PLAN']);
  };
  const perRow = (lines: string[]) =>
    lines.filter(line => /Filter:.*(current_setting|scope_)/.test(line)).length;
  for (const name of ['city-440100', 'county-440103', 'school-4401001']) {
    const user = await userOf(database, name);
    await database.transaction(async session => {
      await enterScope(session, user);
      const lines = await plan(session);
      const text = lines.join('\n');
      t.match(text, /InitPlan/);
      t.equal(perRow(lines), 0, text);
      const plans = lines.flatMap((line, at) =>
        /^\s*InitPlan \d+/.test(line) ? [lines[at + 1] ?? ''] : [],
      );
      const often = plans.filter(node => !/loops=1\)|never executed/.test(node));
      t.same(often, []);
    });
  }
  const user = await userOf(database, 'city-440100');
  await database.query(`
    drop policy scope_reads on candidates;
    create policy scope_reads on candidates for select to zhongzhao_app
      using ((city || '') = any (scope_cities()))`);
  await database.transaction(async session => {
    await enterScope(session, user);
    t.ok(perRow(await plan(session)) > 0, 'the check sees a scope computed per row');
  });
});
