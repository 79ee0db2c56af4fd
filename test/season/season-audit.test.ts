/**
 * The season's audit: silent over days that people have really lived, and loud over each break of
 * SEASON_BREAKS made behind their backs.
 */
import t from 'tap';
import type { Database, Session } from '../../db/connect.ts';
import { type ChainPlace, verifyChain } from '../../db/trail/verify.ts';
import { barredLists } from '../../jobs/nightly/audit/release.ts';
import { type AuditHead, auditHeads } from '../../jobs/nightly/season-audit/heads.ts';
import { type LastRecount, movedSince } from '../../jobs/nightly/season-audit/moved.ts';
import { seasonP15 } from '../../jobs/nightly/season-audit/p15.ts';
import {
  recountSeason,
  SEASON_PROPERTIES,
  suspectCities,
} from '../../jobs/nightly/season-audit/properties.ts';
import { openManyCase, openSeasonCase } from '../../jobs/nightly/season-audit/season-case.ts';
import { seasonAuditJob } from '../../jobs/nightly/season-audit.ts';
import { livedSeasonUntil, livedWorld } from './lived-season.ts';
import { SEASON_BREAKS } from './season-breaks.ts';
import { SEASON } from './season-world.ts';

t.setTimeout(600_000);

const CITY = '440400';
const OTHER = '440600';

class Rollback extends Error {}

/** Does something to the lived season, and takes it back. */
async function rolledBack(database: Database, work: (session: Session) => Promise<void>) {
  await database
    .transaction(async session => {
      await work(session);
      throw new Rollback();
    })
    .catch(error => {
      if (!(error instanceof Rollback)) throw error;
    });
}

async function headOf(session: Session, city: string = CITY): Promise<ChainPlace> {
  const [head] = await session.query<ChainPlace>(
    'select block, last_event as event from blocks where city = $1 order by block desc limit 1',
    [city],
  );
  return head as ChainPlace;
}

async function lastRun(session: Session): Promise<number> {
  const [last] = await session.query<{ run: number }>('select max(run) as run from runs');
  return (last as { run: number }).run;
}

/** A recount that has completed; $5 the day of the last recount of everything, $6 its findings. */
const AUDITED = `
  insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor,
    host, pid, started_at, policy, result)
  values (2016, 'season-audit', gen_random_uuid()::text, jsonb_build_object('city', $1::text),
    '2016-07-24', 1, 'completed', 0, 'schedule', 'h', 1, now(), $4::integer,
    jsonb_build_object('counts', jsonb_build_object('findings', $6::integer,
      'block', $2::integer, 'event', $3::integer, 'full', $5::integer)))`;

const FOUND = `
  with made as (
    insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor,
      host, pid, started_at)
    values (2016, 'season-audit', 'x', jsonb_build_object('city', $1::text), '2016-07-24', 1,
      'completed', 0, 'schedule', 'h', 1, now()) returning run)
  insert into findings (season, run, finding, property, severity, city, stops, sentence, rows,
    row_count)
  select 2016, run, 1, 'P8', 'error', $1, 'city', '', '[]', 1 from made`;

t.test('the properties of a season', async t => {
  // The days of preparation that count, and the first round with its reviews.
  const season = await livedSeasonUntil(t, '2016-07-24');
  const { database } = season;
  const world = await livedWorld(season);

  t.test('every one of them is broken once, and tells of it', async t => {
    const broken = new Set(SEASON_BREAKS.map(({ expect }) => expect.split(' ')[0]));
    t.same(
      SEASON_PROPERTIES.map(({ id }) => id as string).filter(id => !broken.has(id)),
      [],
    );
  });

  for (const { title, expect, sql, province } of SEASON_BREAKS) {
    t.test(`${expect} is found: ${title}`, async t => {
      const found: string[] = [];
      let changed = 0;
      await database
        .transaction(async session => {
          await session.query('set local session_replication_role = replica');
          changed = (await session.query(sql, [CITY])).length;
          const what = { season: SEASON, city: province ? '' : CITY, businessDate: world.day };
          for (const one of await recountSeason(await openSeasonCase(session, what))) {
            found.push(`${one.property} ${String(one.rows[0]?.['fault'])}`);
          }
          throw new Rollback();
        })
        .catch(error => {
          if (!(error instanceof Rollback)) throw error;
        });
      t.ok(changed > 0, 'something was broken');
      t.ok(
        found.some(each => each === expect || each.startsWith(`${expect} `)),
        `found: ${found.join(', ')}`,
      );
    });
  }

  t.test(
    'a file that came back and went to a senior high has no school, and needs none',
    async t => {
      await database
        .transaction(async session => {
          await session.query('set local session_replication_role = replica');
          const changed = await session.query(
            `update files f set state = 'senior-high', school = null, batch = null, list = null
           where city = $1 and exists (select from events e
             where e.season = f.season and e.city = f.city and e.file = f.file
               and e.name = 'dispatch') returning 1`,
            [CITY],
          );
          t.ok(changed.length > 0, 'some had been dispatched');
          const what = { season: SEASON, city: CITY, businessDate: world.day };
          const found = await recountSeason(await openSeasonCase(session, what));
          t.notOk(found.some(({ rows }) => rows[0]?.['fault'] === 'school'));
          throw new Rollback();
        })
        .catch(error => {
          if (!(error instanceof Rollback)) throw error;
        });
    },
  );

  t.test('what the latest of them found in a city keeps its lists back', async t => {
    const [dispatch] = await world.query<{ run: number }>(
      `select max(run) as run from runs where job = 'dispatch' and scope ->> 'city' = $1`,
      [CITY],
    );
    const run = dispatch?.run ?? 0;
    await database
      .transaction(async session => {
        t.equal((await barredLists(session, SEASON, run))?.all, false);
        await session.query(FOUND, [CITY]);
        t.equal((await barredLists(session, SEASON, run))?.all, true);
        throw new Rollback();
      })
      .catch(error => {
        if (!(error instanceof Rollback)) throw error;
      });
  });

  function listening(session: Session, asked: string[]): Session {
    return {
      ...session,
      query: (sql, parameters) => {
        asked.push(sql);
        return session.query(sql, parameters);
      },
    };
  }

  const PLANTED = SEASON_BREAKS.filter(({ sql, province }) => {
    return province === undefined && sql.includes('insert into events');
  });

  for (const { title, expect, sql } of PLANTED) {
    t.test(`${expect} is found by going on from the last recount: ${title}`, async t => {
      const found: string[] = [];
      await rolledBack(database, async session => {
        const since = await headOf(session);
        await session.query('set local session_replication_role = replica');
        await session.query(sql, [CITY]);
        const what = { season: SEASON, city: CITY, businessDate: world.day, since };
        const findings = await recountSeason(await openSeasonCase(session, what));
        for (const one of findings) {
          found.push(`${one.property} ${String(one.rows[0]?.['fault'])}`);
        }
        const other = { ...what, city: OTHER, since: await headOf(session, OTHER) };
        const suspects = await suspectCities(await openManyCase(session, [other, what]));
        t.same([...suspects], [CITY], 'and by asking about both cities at once');
        // What is rolled back only its own connection sees: so all of them are that one.
        for (const by of [1, 2]) {
          const asked: string[] = [];
          const readers = Array.from({ length: by }, () => listening(session, asked));
          const audit = await openSeasonCase(session, what);
          t.same(await recountSeason(audit, async () => {}, readers), findings, 'and by several');
          const many = await openManyCase(session, [other, what]);
          t.same([...(await suspectCities(many, readers))], [CITY]);
          t.ok(asked.length > 5, 'who all have a part in it');
        }
      });
      t.ok(
        found.some(each => each === expect || each.startsWith(`${expect} `)),
        `found: ${found.join(', ')}`,
      );
    });
  }

  const TOUCHED = `
    insert into events (season, city, event, file, name, actor, at, business_date, run)
    select season, city, event + 1, (select max(file) from candidates where city = $1),
      'edit-candidate', actor, at, business_date, run from events
    where city = $1 order by event desc limit 1 returning event`;

  for (const { title, expect, sql } of SEASON_BREAKS.filter(each => each.province)) {
    t.test(`${expect} is found by going on from the province's last recount: ${title}`, async t => {
      const recount = async (session: Session, lately: LastRecount) => {
        const place = { season: SEASON, city: '', businessDate: world.day };
        const since = await headOf(session, '');
        const what = { ...place, since, lately };
        const found = await recountSeason(await openSeasonCase(session, what));
        return found.map(({ property, rows }) => `${property} ${String(rows[0]?.['fault'])}`);
      };
      await rolledBack(database, async session => {
        await session.query('set local session_replication_role = replica');
        const lately = { day: world.day, run: await lastRun(session) };
        t.same(await recount(session, lately), [], 'nothing is wrong before');
        await session.query(TOUCHED, [CITY]);
        await session.query(sql, [CITY]);
        t.ok((await recount(session, lately)).includes(expect));
      });
    });
  }

  t.test('what was made up for later, under an earlier date, hides nothing before it', async t => {
    const stoodOf = async (session: Session, lately: LastRecount) => {
      const { given } = await movedSince(session, SEASON, lately, { values: [], typed: '' });
      const [cities, events] = given.values as [string[], number[]];
      return events[cities.indexOf(CITY)];
    };
    await rolledBack(database, async session => {
      await session.query('set local session_replication_role = replica');
      const lately = { day: '2016-07-24', run: await lastRun(session) };
      const before = await stoodOf(session, lately);
      const { block, event } = await headOf(session);
      t.ok((before as number) < event, 'the day has had acts');
      // A sweep of a week ago, written now: at the end of the chain, and of a later run.
      await session.query(
        `with made as (
           insert into runs (season, job, identity, scope, business_date, attempt, state, fence,
             actor, host, pid, started_at)
           values (2016, 'sweep', 'late', jsonb_build_object('city', $1::text), '2016-07-17', 1,
             'completed', 0, 'schedule', 'h', 1, now()) returning run)
         insert into blocks (season, city, block, first_event, last_event, previous_hash, hash, run)
         select 2016, $1, $2::integer + 1, $3::integer + 1, $3::integer + 1, 'x', 'x', run
         from made`,
        [CITY, block, event],
      );
      t.equal(await stoodOf(session, lately), before, 'acts of the day still count');
      const quiet = { day: '2016-07-26', run: lately.run };
      t.equal(await stoodOf(session, quiet), event, 'and it counts itself, whatever its date');
    });
  });

  t.test('where nothing follows any more, the last recount is a whole one', async t => {
    await rolledBack(database, async session => {
      await session.query('set local session_replication_role = replica');
      const planned = async (businessDate: string) =>
        seasonAuditJob.plan({ database: session as never, season: SEASON, businessDate });
      const audited = async (city: string, on: string, full: number) => {
        const { block, event } = await headOf(session, city);
        const sql = AUDITED.replace("'2016-07-24'", `'${on}'`);
        await session.query(sql, [city, block, event, 1, full, 0]);
      };
      for (const city of [CITY, OTHER, '']) await audited(city, '2016-07-28', 20160724);
      t.same(await planned('2016-07-30'), []);
      t.same(await planned('2016-07-31'), [{ city: CITY }, { city: OTHER }, {}]);
      for (const city of [CITY, OTHER, '']) await audited(city, '2016-07-31', 20160731);
      t.same(await planned('2016-08-20'), [], 'and then no more');
    });
  });

  t.test(
    'the province is recounted whole once a week, and goes on from the day before',
    async t => {
      await rolledBack(database, async session => {
        await session.query('set local session_replication_role = replica');
        const head = async (businessDate: string) =>
          (await auditHeads(session, { season: SEASON, businessDate }, [''])).get('') as AuditHead;
        const { policy } = await head('2016-07-24');
        const now = await headOf(session, '');
        await session.query(AUDITED, ['', now.block, now.event, policy, 20160724, 0]);
        const lately = { day: '2016-07-23', run: await lastRun(session) };
        t.match(await head('2016-07-25'), { since: now, lately, full: 20160724 });
        t.match(await head('2016-07-31'), { since: null, lately: null, full: 20160731 });
        t.equal((await head('2016-07-23')).since, null, 'a recount of a later date says nothing');
        await session.query(AUDITED, ['', now.block, now.event, policy, 20160724, 1]);
        t.equal((await head('2016-07-25')).since, null, 'what was found may still be there');
      });
    },
  );

  t.test('what was changed behind the back of all events is found within a week', async t => {
    await rolledBack(database, async session => {
      await session.query('set local session_replication_role = replica');
      const head = async (businessDate: string) =>
        (await auditHeads(session, { season: SEASON, businessDate }, [CITY])).get(CITY);
      const first = await head('2016-07-24');
      t.ok(first, 'the city has a head');
      const { since: before } = first as AuditHead;
      const now = await headOf(session);
      await session.query(AUDITED, [CITY, now.block, now.event, first?.policy, 20160724, 0]);
      t.same((await head('2016-07-25'))?.since, now, 'the next night goes on from there');
      t.same((await head('2016-07-30'))?.since, now, 'and the sixth');
      t.equal((await head('2016-07-30'))?.full, 20160724);
      t.equal((await head('2016-07-31'))?.since, null, 'the seventh goes through everything');
      t.equal((await head('2016-07-31'))?.full, 20160731);
      t.not(before, undefined);

      await session.query(
        `update files set transfers = transfers + 1 where city = $1
           and file = (select min(file) from files where city = $1)`,
        [CITY],
      );
      const recount = async (since: typeof now | null) => {
        const what = { season: SEASON, city: CITY, businessDate: world.day, since };
        return recountSeason(await openSeasonCase(session, what));
      };
      t.same(await recount(now), [], 'no event tells of it');
      t.ok((await recount(null)).some(({ property }) => property === 'P8'));
    });
  });

  t.test('a recount goes on from none that found something or had another policy', async t => {
    await rolledBack(database, async session => {
      await session.query('set local session_replication_role = replica');
      const head = async () =>
        (await auditHeads(session, { season: SEASON, businessDate: '2016-07-25' }, [CITY])).get(
          CITY,
        ) as AuditHead;
      const now = await headOf(session);
      const { policy } = await head();
      await session.query(AUDITED, [CITY, now.block, now.event, policy, 20160724, 1]);
      t.equal((await head()).since, null, 'what was found may still be there');
      await session.query(AUDITED, [CITY, now.block, now.event, policy + 1, 20160724, 0]);
      t.equal((await head()).since, null, 'another policy');
      await session.query(AUDITED, [CITY, now.block, now.event, policy, 20160724, 0]);
      t.same((await head()).since, now);
    });
  });

  t.test('cities that are right are recounted together, the others by themselves', async t => {
    await rolledBack(database, async session => {
      await session.query('set local session_replication_role = replica');
      const place = { season: SEASON, businessDate: '2016-07-25' };
      const { policy } = (await auditHeads(session, place, [CITY])).get(CITY) as AuditHead;
      const now = await headOf(session);
      // Nobody else sees what is rolled back.
      const context = { ...place, session, database: null, home: '', random: () => 0 };
      const together = async () =>
        (await seasonAuditJob.quiet?.(context, [{ city: CITY }, {}]))?.scopes ?? [];
      await session.query(AUDITED, [CITY, now.block, now.event, policy, 20160724, 1]);
      t.same(await together(), [], 'everything is due');
      await session.query(AUDITED, [CITY, now.block, now.event, policy, 20160724, 0]);
      const counts = { findings: 0, ...now, full: 20160724 };
      t.same(await together(), [
        { scope: { city: CITY }, outcome: { counts, findings: [], policy } },
      ]);
      const broken = PLANTED.find(({ expect }) => expect.startsWith('P1')) as { sql: string };
      await session.query(broken.sql, [CITY]);
      t.same(await together(), [], 'what is wrong is a run of its own, with its finding');
    });
  });

  t.test('a chain is gone through from where it was found to be whole', async t => {
    await rolledBack(database, async session => {
      await session.query('set local session_replication_role = replica');
      const whole = await headOf(session);
      const [middle] = await session.query<ChainPlace>(
        `select block, last_event as event from blocks where city = $1 order by block
           offset (select count(*) / 2 from blocks where city = $1) limit 1`,
        [CITY],
      );
      const since = middle as ChainPlace;
      const check = async (from?: ChainPlace) =>
        verifyChain(session, SEASON, CITY, from === undefined ? {} : { since: from });
      t.equal((await check(since)).fault, null);
      t.same(await check(since), await check(), 'the same blocks, events and last hash');
      const edit = `update events set decision = 'edited' where city = $1 and event = $2`;
      await session.query(edit, [CITY, since.event + 1]);
      t.match(await check(since), { fault: { kind: 'content-changed' } });
      t.equal((await check(whole)).fault, null, 'what lies before is taken to be right');
      t.match(
        await check({ block: since.block, event: since.event + 1 }),
        { fault: { kind: 'content-changed' } },
        'a place that is none: everything is gone through',
      );
    });
  });

  t.test('the job is due where people have acted, and once', async t => {
    const place = { database, season: SEASON, businessDate: world.day };
    world.at = `${world.day}T22:00`;
    await world.ask(`city-${CITY}`, 'hold-file', {
      candidate_no: (await someInPool(world)) ?? '',
      reason: '核查报考资格',
      until: '2016-07-28',
    });
    t.same(await seasonAuditJob.plan(place), [{ city: CITY }, {}]);
    t.same(
      await seasonAuditJob.plan({ ...place, businessDate: '2016-07-01' }),
      [],
      'an earlier date has nothing of it',
    );
  });
});

async function someInPool(world: {
  query: typeof import('./season-world.ts').SeasonWorld.prototype.query;
}) {
  const [row] = await world.query<{ candidate: string }>(
    `select c.candidate_no as candidate from candidates c
     left join files f using (season, city, file)
     where c.city = $1 and coalesce(f.state, 'in-pool') = 'in-pool' order by c.file limit 1`,
    [CITY],
  );
  return row?.candidate;
}

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

/** How often the plan goes through the events; the most that any of its scans does. */
function passes(node: PlanNode): number {
  const own = node['Relation Name'] === 'events' ? node['Actual Loops'] : 0;
  return Math.max(own, ...(node.Plans ?? []).map(passes));
}

t.test('the recount of rosters goes through the events once, not once for each file', async t => {
  const { database } = await livedSeasonUntil(t, '2016-09-08');
  const passesOf = async (before: readonly string[]) => {
    const counted: number[] = [];
    await rolledBack(database, async session => {
      const what = { season: SEASON, city: '', businessDate: '2016-09-08' };
      const audit = await openSeasonCase(session, what);
      const query = async (sql: string, values?: readonly unknown[]) => {
        if (!sql.includes('roster_rows')) return session.query(sql, values as unknown[]);
        for (const setting of before) await session.query(`set local ${setting}`);
        const [row] = await session.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
          `explain (analyze, timing off, format json) ${sql}`,
          values as unknown[],
        );
        for (const { Plan } of row?.['QUERY PLAN'] ?? []) counted.push(passes(Plan));
        return [];
      };
      const watched = Object.create(session, { query: { value: query } }) as Session;
      await seasonP15.province?.({ ...audit, session: watched });
    });
    return Math.max(...counted);
  };
  const alone = 'max_parallel_workers_per_gather = 0';
  t.equal(await passesOf([alone]), 1);
  const careless = ['enable_nestloop = on', 'enable_hashjoin = off', 'enable_mergejoin = off'];
  t.ok((await passesOf([alone, ...careless])) > 1, 'and where it does not, that is seen');
});
