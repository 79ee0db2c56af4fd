/** The two faces of an act: whichever statement comes next has the role that it is written for. */
import t from 'tap';
import { readUser } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import { ScopeSwitch } from '../../jobs/act/scope-switch.ts';
import { actWorld } from './act-world.ts';

const SEASON = 2016;
const WHO = `select current_user::text as role, current_setting('zhongzhao.user', true) as "user",
  $1::text as asked`;

t.test('each statement of an act has the role of its face', async t => {
  const { database } = await actWorld(t, { dispatched: true });
  const [owner] = await database.query<{ role: string }>('select current_user::text as role');
  const runner = owner?.role ?? '';
  await database.transaction(async session => {
    const user = await readUser(session, SEASON, 'city-440400', { duties: [] });
    if (user === null) throw new Error('no such user');
    const scope = new ScopeSwitch(session, user);
    const who = async (face: Session, asked: string) => {
      const [row] = await face.query<{ role: string; user: string; asked: string }>(WHO, [asked]);
      return row;
    };

    t.throws(() => scope.session.client, /the runner's/u, 'COPY of the user would be the runner');
    t.match(await who(scope.session, 'a'), { role: 'zhongzhao_app', user: user.user });
    t.throws(() => scope.runner.client, /the user's/u);
    t.equal((await who(scope.runner, 'b'))?.role, runner);

    // Inside the runner's work a statement of the user is the user's all the same, and the next
    // one the runner's again.
    const inside = await scope.asRunner(async own => [
      await who(own, 'c'),
      await who(scope.session, 'd'),
      await who(own, 'e'),
    ]);
    const roles = inside.map(row => row?.role);
    t.same(roles, [runner, 'zhongzhao_app', runner]);

    // Asked at the same moment, each still has its own.
    const faces = Array.from({ length: 40 }, (_, index) => index % 3 === 0);
    const all = await Promise.all(
      faces.map((users, index) => who(users ? scope.session : scope.runner, String(index))),
    );
    all.forEach((row, index) => {
      t.equal(row?.asked, String(index));
      t.equal(row?.role, faces[index] ? 'zhongzhao_app' : runner);
    });

    // A refusal inside the runner's work leaves the user's statements the user's.
    await t.rejects(
      scope.asRunner(async () => Promise.reject(new TypeError('mine'))),
      TypeError,
    );
    t.equal((await who(scope.session, 'f'))?.role, 'zhongzhao_app');
    const foreign = await scope.session.query(`select from files where city <> '440400'`);
    t.same(foreign, [], 'and bounded by row-level security');
    t.ok((await scope.runner.query(`select from files where city <> '440400'`)).length > 0);

    await scope.leave();
    const after = await who(scope.runner, 'g');
    t.match(after, { role: runner, user: '' }, 'with nothing left of the user');
    t.equal((await who(scope.session, 'h'))?.user, user.user, 'and can be entered anew');
  });
});
