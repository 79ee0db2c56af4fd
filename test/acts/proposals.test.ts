/**
 * What a second person confirms is what the first has proposed: whatever of the subject has
 * changed meanwhile – plan, preference, settings – makes the proposal outdated, kind by kind; what
 * is only settled by the confirmation does not.
 */
import t from 'tap';
import { effectDigest } from '../../jobs/act/proposals.ts';
import { type ActWorld, actWorld, refused } from './act-world.ts';

const CITY = '440400';
const OTHER = '440600';

type Asked = readonly [string, Readonly<Record<string, unknown>>];

/**
 * Proposes, lets `meanwhile` happen, is refused, and is confirmed once it is undone.
 *
 * @param people who proposes and who confirms
 */
async function outdated(
  t: Parameters<typeof refused>[0],
  world: ActWorld,
  [id, input]: Asked,
  people: readonly [string, string],
  { meanwhile, undo }: { meanwhile(): Promise<unknown>; undo(): Promise<unknown> },
): Promise<void> {
  const { proposal } = await world.do(people[0], id, input);
  await meanwhile();
  await refused(t, world, [people[1], id, { confirm: proposal }], 'proposal-outdated');
  await undo();
  t.equal((await world.do(people[1], id, { confirm: proposal })).state, 'done');
}

t.test('a proposal is outdated once its subject is another', async t => {
  const world = await actWorld(t, { candidates: 60 });
  const [line] = await world.query<{ school: string; major: string; planned: number }>(
    `select school, major, planned from plan_lines
     where city = $1 and batch = 'vocational' and planned > 0
     order by planned desc, school, major limit 1`,
    [CITY],
  );
  const key = { city: CITY, school: line?.school, major: line?.major, batch: 'vocational' };
  const set = (planned: number) =>
    world.query(
      `update plan_lines set planned = $4 where city = $1 and school = $2 and major = $3
         and batch = 'vocational'`,
      [CITY, line?.school, line?.major, planned],
    );
  const province = ['province', 'province-2'] as const;
  const now = line?.planned as number;

  await t.test('a plan line that somebody has changed', async t => {
    const more = { ...key, action: 'set', planned: now + 5, approval: '粤教职函〔2016〕18号' };
    await outdated(t, world, ['manage-plans', more], province, {
      meanwhile: () => set(now + 2),
      undo: () => set(now),
    });
  });

  await t.test('of two proposals on one subject the second', async t => {
    const more = (planned: number) => ({ ...key, action: 'set', planned, approval: '批文' });
    const one = await world.do('province', 'manage-plans', more(now + 6));
    const two = await world.do('province', 'manage-plans', more(now + 7));
    const confirm = ({ proposal }: typeof one) =>
      ['province-2', 'manage-plans', { confirm: proposal }] as const;
    await world.do(...confirm(one));
    await refused(t, world, confirm(two), 'proposal-outdated');
  });

  await t.test('a preference that an import has brought, and one that is gone', async t => {
    const [person] = await world.query<{ candidate_no: string; file: number }>(
      `select candidate_no, file from candidates c where city = $1 and not exists (
         select from preferences p where p.city = c.city and p.file = c.file)
         and not exists (select from files f where f.city = c.city and f.file = c.file)
       order by file limit 1`,
      [CITY],
    );
    const [known] = await world.query<{ feature: string }>(
      'select feature from preferences order by feature limit 1',
    );
    const feature = known?.feature as string;
    const input = { candidate_no: person?.candidate_no, feature, evidence: '证明 1 号' };
    await outdated(t, world, ['enter-preference', input], [`city-${CITY}`, `city-${CITY}-2`], {
      meanwhile: () =>
        world.query(
          `insert into preferences (season, city, file, feature, evidence, confirmed_by)
           values (2016, $1, $2, $3, '证明 2 号', '')`,
          [CITY, person?.file, feature],
        ),
      undo: () =>
        world.query('delete from preferences where city = $1 and file = $2', [CITY, person?.file]),
    });
  });

  await t.test('settings of a city that have another version', async t => {
    world.at = '2016-07-15T13:00';
    const input = { city: OTHER, approved: true, basis: '粤招〔2016〕7号' };
    const { proposal } = await world.do('province', 'approve-own-system', input);
    const other = { city: OTHER, batch: 'vocational', line: 300 };
    await world.do(`city-${OTHER}`, 'set-region-score-line', other);
    const confirm = ['province-2', 'approve-own-system', { confirm: proposal }] as const;
    await refused(t, world, confirm, 'proposal-outdated');
    t.equal((await world.both(...province, 'approve-own-system', input)).state, 'done');
  });
});

t.test('the digest of an effect', async t => {
  const event = {
    ...{ city: CITY, file: 7, name: 'recall', from: 'reading', to: 'in-pool', school: '1' },
    ...{ major: null, batch: 'b', list: 3, phase: 'phase-1', decision: 'r1' },
    note: { reason: 'x', proposer: 'one', letter: 4, seed: 'a' },
  } as const;
  const job = { unsettled: ['seed'] };
  const digest = effectDigest(job, [event], { moved: 1 });
  const same = (note: object) =>
    effectDigest(job, [{ ...event, note: { ...event.note, ...note } }], { moved: 1 });
  t.equal(same({ proposer: 'two' }), digest, 'who has signed');
  t.equal(
    same({ letter: 5, seed: 'b' }),
    digest,
    'what is given out and drawn by the confirmation',
  );
  t.not(same({ reason: 'y' }), digest);
  for (const change of [
    { file: 8 },
    { to: 'held' },
    { list: 4 },
    { decision: 'r2' },
    { school: '2' },
  ]) {
    t.not(
      effectDigest(job, [{ ...event, ...change }], { moved: 1 }),
      digest,
      JSON.stringify(change),
    );
  }
  t.not(effectDigest(job, [event], { moved: 2 }), digest, 'rows that only a count tells of');
  t.not(effectDigest(job, [event, event], { moved: 1 }), digest);
  const other = { ...event, file: 9 };
  t.equal(
    effectDigest(job, [other, event]),
    effectDigest(job, [event, other]),
    'in whatever order',
  );
});
