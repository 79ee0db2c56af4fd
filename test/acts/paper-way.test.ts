/**
 * The whole way of a candidate below the line, by everybody's own acts: the school applies for a
 * paper, the city approves it, one officer dispatches, another releases, the school decides and
 * submits, an officer reviews – never a rule, since he is below the line.
 */
import t from 'tap';
import { actWorld, refused } from './act-world.ts';
import { BATCH, dispatchPolicy, ZHUHAI } from './dispatch-world.ts';
import { filesOfList, standing } from './released.ts';

const ONE = `city-${ZHUHAI}`;
const TWO = `city-${ZHUHAI}-2`;
const SIGNED = { request_hash: 'b'.repeat(64), request_reference: '档案室 2-2' };

t.test('a candidate below the line goes to a school by its approved paper alone', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI], files: dispatchPolicy() });
  const [row] = await world.query<{ no: string; school: string; major: string }>(
    `select c.candidate_no as no, h.school, split_part(h.majors, ' ', 1) as major
     from candidates c join choices h using (season, city, file)
       left join files f using (season, city, file)
     where c.city = $1 and f.file is null and c.total < 24000 and c.origin = 'fresh'
       and exists (select from plan_lines p where p.city = c.city and p.school = h.school
         and p.major = split_part(h.majors, ' ', 1) and p.batch = h.batch and p.planned > 0)
     order by c.file limit 1`,
    [ZHUHAI],
  );
  const { no, school, major } = row as { no: string; school: string; major: string };
  const point = { candidate_no: no, batch: BATCH, school };
  await refused(t, world, [ONE, 'point-dispatch', point], 'below-region-line');
  await refused(t, world, [ONE, 'point-dispatch-below', point], 'no-approval-paper');

  const asked = { candidate_no: no, batch: BATCH, major, ground: 'below-line', ...SIGNED };
  const applied = await world.do(`school-${school}`, 'apply-approval-paper', asked);
  await refused(t, world, [ONE, 'point-dispatch-below', point], 'application-open');
  const { application } = applied.answer.values as { application: number };
  await world.do(TWO, 'review-approval-paper', { application, verdict: 'approve' });
  const sent = await world.do(ONE, 'point-dispatch-below', point);
  const list = { city: ZHUHAI, list: (sent.answer.values as { list: number }).list };
  const [paper] = await world.query('select state from applications where application = $1', [
    application,
  ]);
  t.same(paper, { state: 'used' });

  const decision = { ...list, candidates: [no], decision: 'admit' };
  await refused(t, world, [`school-${school}`, 'decide-files', decision], 'list-not-released');
  await world.do(TWO, 'release-list', list);
  await world.do(`school-${school}`, 'decide-files', decision);
  t.match(await filesOfList(world, list), [{ candidate: no, state: 'proposed', major }]);
  await world.do(`school-${school}`, 'submit-dispatch-list', list);
  t.match(await standing(world, no), { state: 'proposed' }, 'it waits for an officer');
  await refused(
    t,
    world,
    [ONE, 'cancel-dispatch-list', { ...list, reason: '误投' }],
    'list-submitted',
  );
  await world.do(TWO, 'review-admission', { candidates: [no], verdict: 'approve' });
  t.match(await standing(world, no), { state: 'admitted', school, major, letter: 1 });
  const [closed] = await world.query('select state from dispatch_lists where list = $1', [
    list.list,
  ]);
  t.same(closed, { state: 'closed' });
});
