/** `zhongzhao first-user NAME`: the first user of a province that is no sample. */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { createFirstUser } from '../../db/access/first-user.ts';
import { appendEvents, PROVINCE } from '../../db/trail.ts';
import { ActLedger } from '../act/act-ledger.ts';
import { CityPolicies } from '../act/city-policies.ts';
import { shanghaiDate } from '../run/calendar.ts';
import type { Invocation, Options } from './command.ts';
import { askPassword } from './credentials.ts';
import type { Outcome } from './output.ts';
import { currentSeason, withProvince } from './province.ts';

const ID = 'first-user';

/** User, event of the province's chain and line in the ledger, or nothing. */
export async function firstUser(
  invocation: Invocation,
  options: Options,
  [user = '']: readonly string[],
): Promise<Outcome> {
  return withProvince(invocation, options, async ({ database, now }) => {
    const season = await currentSeason(database);
    const password = await askPassword(user);
    const at = now();
    const businessDate = shanghaiDate(at);
    const osUser = userInfo().username;
    const ledger = new ActLedger({
      job: { id: ID },
      season,
      identity: `${ID}|${randomUUID()}`,
      osUser,
      at,
      businessDate,
    });
    await database.transaction(async session => {
      await createFirstUser(session, { season, user, password, at });
      const policies = new CityPolicies(session, season);
      const recorded = {
        session,
        user: { user },
        input: { user },
        proposal: null,
        target: { cities: [] },
        policies,
      };
      const run = await ledger.record(recorded);
      const policy = await policies.idOf(null);
      const event = { city: PROVINCE, file: null, name: ID, actor: user, at, businessDate };
      await appendEvents(session, season, [
        { ...event, policy, decision: ID, run, note: { user, osUser } },
      ]);
      await ledger.complete(recorded, run, { lines: [`已建立省级用户 ${user}。`] }, 1);
    });
    return {
      json: { user, season, level: 'province' },
      lines: [`已建立省级用户 ${user}；其他用户由其办理“用户管理”（manage-users）建立。`],
    };
  });
}
