/**
 * Rosters and letters: recounted by a query of another kind, read back from PDF and xlsx by other
 * libraries, and refused where they must not be printed.
 */
import { readSheet } from 'read-excel-file/node';
import t from 'tap';
import { extractText, getDocumentProxy } from 'unpdf';
import { parseInstant } from '../../jobs/run/clock.ts';
import { findReport, renderReport } from '../../reports/registry.ts';
import type { ReportFormat } from '../../reports/report.ts';
import { type ActWorld, actWorld } from '../acts/act-world.ts';
import { admitTo } from '../acts/students.ts';
import { SEASON } from '../jobs/night-world.ts';

const CITY = '440400';
const OTHER = '440600';
const PHASE = 'phase-1';
const CITY_DAY = '2016-09-08T09:00';

/** U+E000 is for private use: no font has it. */
const RARE = '𬭎㛃\uE000';

async function bytesOf(
  world: ActWorld,
  [actor, id, given]: readonly [string, string, Record<string, unknown>],
  format: ReportFormat,
): Promise<Buffer> {
  const context = {
    database: world.database,
    season: SEASON,
    actor,
    unmasked: false,
    now: () => parseInstant(world.at),
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of renderReport(findReport(id), context, given, format)) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function pagesOf(bytes: Buffer): Promise<string[]> {
  const document = await getDocumentProxy(new Uint8Array(bytes));
  return (await extractText(document)).text.map(page => page.replace(/\s/g, ''));
}

t.test('documents', async t => {
  const world = await actWorld(t, { candidates: 60 });
  const [schools] = await world.query<{ own: string; technical: string }>(
    `select min(code) filter (where kind = 'vocational'
              and owner in ('city', 'county', 'private')) as own,
            min(code) filter (where roster = 'external') as technical
       from schools where region = $1`,
    [CITY],
  );
  const { own, technical } = schools as { own: string; technical: string };
  const officer = `city-${CITY}`;
  const asked = { school: own, phase: PHASE };
  const roster = [officer, 'roster-vocational', asked] as const;
  world.at = '2016-08-20T09:00';
  const home = await admitTo(world, { school: own, city: CITY, count: 6 });
  await admitTo(world, { school: own, city: OTHER, count: 2 });
  await world.query('update candidates set name = $1 where city = $2 and file = $3', [
    RARE,
    CITY,
    home[0]?.file,
  ]);

  t.test(
    'a roster is refused before its days, to other offices, and where it is external',
    async t => {
      const refused = (code: string, ...[actor, id, given]: readonly unknown[]) =>
        t.rejects(
          bytesOf(world, [actor as string, id as string, given as Record<string, unknown>], 'json'),
          { code },
        );
      await refused('before-roster-days', ...roster);
      world.at = CITY_DAY;
      await refused('outside-scope', `city-${OTHER}`, 'roster-vocational', asked);
      await refused('no-report-right', `school-${own}`, 'roster-vocational', asked);
      await refused('external-roster', officer, 'roster-vocational', {
        ...asked,
        school: technical,
      });
      await refused('unknown-phase', officer, 'roster-vocational', { ...asked, phase: 'phase-9' });
      await refused('not-a-school-of-kind', officer, 'roster-vocational', {
        ...asked,
        school: '9',
      });
      await refused('outside-scope', `school-${own}`, 'school-roster', {
        ...asked,
        school: technical,
      });
      const open = 'update files set open_applications = $2 where city = $3 and file = $1';
      await world.query(open, [home[1]?.file, 1, CITY]);
      await refused('unreviewed-rows', ...roster);
      await world.query(open, [home[1]?.file, 0, CITY]);
    },
  );

  t.test('a draft bears a watermark, and names that the font lacks are reported', async t => {
    const pages = await pagesOf(await bytesOf(world, roster, 'pdf'));
    t.equal(pages.length, 1);
    t.match(pages[0], /草稿/);
    t.match(pages[0], /𬭎㛃〔U\+E000〕/u);
    t.match(pages[0], /姓名请手写/);
    const report = JSON.parse((await bytesOf(world, roster, 'json')).toString());
    t.match(report.findings, [{ property: 'missing-character', place: /考生/ }]);
  });

  t.test('an issued roster lists whom another query counts, in every format', async t => {
    const issued = await world.do(officer, 'issue-roster', asked);
    const hash = String(issued.answer.values?.['hash']);
    const [page = ''] = await pagesOf(await bytesOf(world, roster, 'pdf'));
    t.notMatch(page, /草稿/);
    t.ok(page.includes(hash), 'the whole hash');
    t.match(page, /2016-0001/);
    t.match(page, /本页8人，累计8人/);
    t.match(page, /第1页共1页/);
    const truth = await world.query<{ candidate_no: string; identity_no: string }>(
      `select candidate_no, identity_no from candidates c where exists (select from files f
         where f.city = c.city and f.file = c.file and f.school = $1 and f.state = 'registered')`,
      [own],
    );
    t.equal(truth.length, 8);
    for (const { candidate_no, identity_no } of truth) {
      t.ok(page.includes(candidate_no) && page.includes(identity_no), candidate_no);
    }
    const sheet = await readSheet(await bytesOf(world, roster, 'xlsx'), '录取名册');
    const cells = new Set(sheet.flat().map(String));
    t.ok(truth.every(row => cells.has(row.candidate_no) && cells.has(row.identity_no)));
    const ofSchool = [`school-${own}`, 'school-roster', { phase: PHASE }] as const;
    const [schoolPage = ''] = await pagesOf(await bytesOf(world, ofSchool, 'pdf'));
    t.ok(truth.every(row => schoolPage.includes(row.candidate_no)));
  });

  t.test('an issued roster that is no longer true is not printed', async t => {
    const move = 'update files set state = $3 where city = $1 and file = $2';
    await world.query(move, [CITY, home[2]?.file, 'cancelled']);
    await t.rejects(bytesOf(world, roster, 'pdf'), {
      code: 'roster-outdated',
      message: /2016-0001/,
    });
    const own = [`school-${asked.school}`, 'school-roster', { phase: PHASE }] as const;
    const { findings } = JSON.parse((await bytesOf(world, own, 'json')).toString());
    t.match(findings[0], { property: 'P15', place: /2016-0001/ }, 'the school is told');
    const [draft = ''] = await pagesOf(await bytesOf(world, own, 'pdf'));
    t.match(draft, /草稿/u, 'and reads a draft, without the number that holds no longer');
    t.notMatch(draft, /2016-0001/u);
    t.match(draft, /共7人/u);
    await world.query(move, [CITY, home[2]?.file, 'registered']);
  });

  t.test('a roster without students is an empty draft', async t => {
    const [empty] = await world.query<{ code: string }>(
      `select code from schools s where region = $1 and kind = 'vocational' and roster = 'here'
         and owner in ('city', 'county', 'private')
         and not exists (select from files f where f.school = s.code) order by code limit 1`,
      [CITY],
    );
    const given = { ...asked, school: empty?.code };
    const [page] = await pagesOf(
      await bytesOf(world, [officer, 'roster-vocational', given], 'pdf'),
    );
    t.match(page, /共0人/);
  });

  t.test('letters are printed for those who are admitted, and for nobody else', async t => {
    world.at = CITY_DAY;
    await world.query(
      `update files f set letter = n.letter from (select city, file, (row_number() over (order by
         city, file))::integer as letter from files where school = $1) n
       where f.city = n.city and f.file = n.file`,
      [own],
    );
    const letters = [`school-${own}`, 'admission-letter', {}] as const;
    const pages = await pagesOf(await bytesOf(world, letters, 'pdf'));
    const truth = await world.query<{ candidate_no: string; letter: number }>(
      `select c.candidate_no, f.letter from files f join candidates c using (season, city, file)
        where f.school = $1 order by f.letter`,
      [own],
    );
    t.equal(pages.length, truth.length);
    for (const [at, { candidate_no, letter }] of truth.entries()) {
      t.ok(pages[at]?.includes(`考生号${candidate_no}`), candidate_no);
      t.ok(pages[at]?.includes(`编号：${SEASON}-${own}-${String(letter).padStart(5, '0')}`));
      t.match(pages[at], /2016年8月25日前到校报到注册/);
      t.match(pages[at], /1\.本通知书；2\.居民身份证/, 'what the policy says to bring');
    }
    const [pooled] = await world.query<{ no: string }>(
      `select candidate_no as no from candidates c where city = $1 and not exists (
         select from files f where f.city = c.city and f.file = c.file and f.school is not null)
       limit 1`,
      [CITY],
    );
    const one = (no: unknown) =>
      bytesOf(world, [letters[0], letters[1], { candidate_no: no }], 'pdf');
    t.equal((await pagesOf(await one(truth[0]?.candidate_no))).length, 1);
    await t.rejects(one(pooled?.no), { code: 'not-admitted' });
    const foreign = [`school-${own}`, 'admission-letter', { school: technical }] as const;
    await t.rejects(bytesOf(world, foreign, 'pdf'), { code: 'outside-scope' });
    await t.rejects(bytesOf(world, [officer, 'admission-letter', {}], 'pdf'), {
      code: 'no-report-right',
    });
  });
});

t.test('a report for machines alone is not offered as PDF', async t => {
  const { checkFormat } = await import('../../reports/registry.ts');
  t.throws(() => checkFormat(findReport('dispatch-detail'), 'pdf'), { code: 'unknown-format' });
  t.equal(checkFormat(findReport('roster-vocational'), 'pdf'), 'pdf');
});
