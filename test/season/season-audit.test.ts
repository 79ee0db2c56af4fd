/**
 * The season's audit: silent over days that people have really lived, and loud over each break of
 * SEASON_BREAKS made behind their backs.
 */
import t from 'tap';
import { barredLists } from '../../jobs/nightly/audit/release.ts';
import { recountSeason, SEASON_PROPERTIES } from '../../jobs/nightly/season-audit/properties.ts';
import { openSeasonCase } from '../../jobs/nightly/season-audit/season-case.ts';
import { seasonAuditJob } from '../../jobs/nightly/season-audit.ts';
import { livedSeasonUntil, livedWorld } from './lived-season.ts';
import { SEASON_BREAKS } from './season-breaks.ts';
import { SEASON } from './season-world.ts';

t.setTimeout(600_000);

const CITY = '440400';

class Rollback extends Error {}

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
