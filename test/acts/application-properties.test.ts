/**
 * What must hold whatever schools and cities try, in whatever order: no region move makes or loses
 * a place of the province, nobody is admitted beyond a plan in phase 1 (P2, P7 of file-life.md),
 * and files count their open applications right.
 */
import fc from 'fast-check';
import t from 'tap';
import { planStanding } from '../../db/season/plan.ts';
import { CodedError } from '../../engine/errors.ts';
import { policyFiles, SEASON } from '../jobs/night-world.ts';
import {
  type ApplicationWorld,
  AUGUST,
  applicationWorld,
  apply,
  approve,
  BATCH,
  brokenCounts,
  CITIES,
  FOSHAN,
  NEW,
  OLD,
  PLANNED,
  provinceSum,
  refuse,
  SHUNDE,
  SIGNED,
} from './application-world.ts';

/** Of phase 1: plans may change, and withdrawals begin on the next. */
const LAST_DAY = '2016-07-29T09:00';
const SMALL = 3;

/** One thing that somebody may try; most of it is refused, as in life. */
const attempt = fc.record({
  what: fc.constantFrom(
    ...['move', 'change', 'flexible', 'withdraw'],
    ...['admit', 'admit', 'admit', 'transfer', 'transfer'],
  ),
  school: fc.constantFrom(OLD, NEW),
  from: fc.constantFrom(...CITIES),
  to: fc.constantFrom(...CITIES),
  places: fc.integer({ min: -SMALL, max: SMALL }),
  verdict: fc.constantFrom('approve', 'approve', 'refuse'),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer A> ? A : never;

/** Carries out one of each, so that nothing of what follows is tried in vain. */
const ONE_OF_EACH: Attempt[] = ['admit', 'transfer', 'move', 'change', 'flexible'].map(what => ({
  what,
  school: OLD,
  from: FOSHAN,
  to: SHUNDE,
  places: what === 'transfer' ? -1 : 1,
  verdict: 'approve',
}));

t.test('no order of acts makes or loses a place, or admits beyond a plan in phase 1', async t => {
  const world = await applicationWorld(t, { candidates: 200 });
  await world.query('update plan_lines set planned = $1 where school = any($2)', [
    SMALL,
    [OLD, NEW],
  ]);
  world.at = LAST_DAY;
  const season = new RandomSeason(world);
  const property = fc.asyncProperty(
    fc.array(attempt, { minLength: 5, maxLength: 15 }),
    async attempts => {
      for (const each of attempts) await season.try(each);
      if ((await provinceSum(world)) !== season.sum) throw new Error('places made or lost');
      const beyond = await season.beyondPlan();
      if (beyond.length > 0) throw new Error(beyond.join('; '));
      if ((await brokenCounts(world)).length > 0) throw new Error('open applications miscounted');
    },
  );
  season.sum = await provinceSum(world);
  await fc.assert(property, { numRuns: 10, endOnFailure: true, examples: [[ONE_OF_EACH]] });
  t.comment(season.done);
  for (const { what } of ONE_OF_EACH) t.ok(season.done[what], `some ${what} was carried out`);
});

t.test(
  'without the quota rule the same acts go beyond the plan, and the count shows it',
  async t => {
    const files = policyFiles((path, text) => {
      if (path !== 'quotas.yaml') return text;
      const rule = text.indexOf('  - id: plan-not-below-used');
      return text.slice(0, rule) + text.slice(text.indexOf('  - id: region-move-within-free'));
    });
    const world = await applicationWorld(t, { files, candidates: 120 });
    world.at = LAST_DAY;
    const season = new RandomSeason(world);
    const all = { school: OLD, from: FOSHAN, to: SHUNDE, verdict: 'approve' } as const;
    await season.try({ ...all, what: 'admit', places: 0 });
    t.same(await season.beyondPlan(), []);
    await season.try({ ...all, what: 'change', places: -PLANNED });
    t.equal((await season.beyondPlan()).length, 1);
  },
);

/** Tries what it is told, and knows what the plan of the province must be in sum. */
class RandomSeason {
  sum = 0;
  readonly done: Record<string, number> = {};
  readonly #world: ApplicationWorld;
  readonly #admitted: { candidate: string; city: string; school: string }[] = [];

  constructor(world: ApplicationWorld) {
    this.#world = world;
  }

  async try(attempt: Attempt): Promise<void> {
    const { what } = attempt;
    try {
      if (await this.#try(attempt)) this.done[what] = (this.done[what] ?? 0) + 1;
    } catch (error) {
      if (!(error instanceof CodedError) || error.exitCode === 5) throw error;
    }
  }

  /** @returns whether it was carried out */
  #try(attempt: Attempt): Promise<boolean> {
    switch (attempt.what) {
      case 'move':
        return this.#move(attempt);
      case 'admit':
        return this.#admit(attempt);
      case 'withdraw':
        return this.#withdraw(attempt);
      case 'transfer':
        return this.#transfer(attempt);
      default:
        return this.#change(attempt);
    }
  }

  async #move({ school, from, to, places, verdict }: Attempt): Promise<boolean> {
    const world = this.#world;
    const major = world.majors[school];
    const input = { from, to, batch: BATCH, major, places: Math.abs(places) || 1 };
    const application = await apply(world, `school-${school}`, 'apply-region-move', input);
    const review = 'review-region-move';
    await world.do(`city-${to}`, review, approve(application));
    try {
      const second = verdict === 'approve' ? approve(application) : refuse(application);
      await world.do(`city-${from}`, review, second);
    } catch (error) {
      await world.do(`city-${from}`, review, refuse(application));
      throw error;
    }
    return verdict === 'approve';
  }

  async #change({ what, school, from: city, places, verdict }: Attempt): Promise<boolean> {
    const world = this.#world;
    const flexible = what === 'flexible';
    const major = flexible ? undefined : world.majors[school];
    const kind = flexible ? 'flexible' : 'plan';
    const input = { city, batch: BATCH, kind, major, places };
    const user = `school-${school}`;
    const application = await apply(world, user, 'apply-plan-change', input);
    if (flexible) return true;
    const decided = verdict === 'approve' ? approve(application) : refuse(application);
    await world.do(`city-${city}`, 'review-plan-change', decided);
    if (verdict === 'approve') this.sum += places;
    return verdict === 'approve';
  }

  /** Where there is room: the other ways to admit have tests of their own. */
  async #admit({ school, from: city }: Attempt): Promise<boolean> {
    const { database } = this.#world;
    const standing = await planStanding(database, SEASON, { city, school, batch: BATCH });
    const major = this.#world.majors[school];
    const line = standing.lines.find(each => each.major === major);
    if (line === undefined || line.used >= line.planned) return false;
    const candidate = await this.#world.bring(city, school, 'admitted');
    this.#admitted.push({ candidate, city, school });
    return true;
  }

  async #withdraw({ verdict, places }: Attempt): Promise<boolean> {
    const one = this.#admitted.at(places);
    if (one === undefined) return false;
    const { candidate, city, school } = one;
    this.#world.at = AUGUST;
    try {
      const input = { candidate_no: candidate, ...SIGNED };
      const user = `school-${school}`;
      const application = await apply(this.#world, user, 'apply-withdrawal', input);
      const decided = verdict === 'approve' ? approve(application) : refuse(application);
      await this.#world.do(`city-${city}`, 'review-withdrawal', decided);
    } finally {
      this.#world.at = LAST_DAY;
    }
    if (verdict === 'approve') this.#admitted.splice(this.#admitted.indexOf(one), 1);
    return verdict === 'approve';
  }

  async #transfer({ verdict, places }: Attempt): Promise<boolean> {
    const one = this.#admitted.at(places);
    if (one === undefined) return false;
    const { candidate, city, school: from } = one;
    const to = from === OLD ? NEW : OLD;
    const world = this.#world;
    world.at = AUGUST;
    const input = { candidate_no: candidate, ...SIGNED };
    try {
      const withdrawal = await apply(world, `school-${from}`, 'apply-withdrawal', input);
      try {
        const more = { ...input, major: world.majors[to] };
        const application = await apply(world, `school-${to}`, 'apply-transfer', more);
        const decided = verdict === 'approve' ? approve(application) : refuse(application);
        await world.do(`city-${city}`, 'review-transfer', decided);
        if (verdict === 'approve') one.school = to;
      } catch (error) {
        await world.do(`city-${city}`, 'review-withdrawal', refuse(withdrawal));
        throw error;
      }
    } finally {
      world.at = LAST_DAY;
    }
    return verdict === 'approve';
  }

  /** Property P2 of file-life.md, counted anew. */
  async beyondPlan(): Promise<string[]> {
    const found: string[] = [];
    for (const city of CITIES) {
      for (const school of [OLD, NEW]) {
        const place = { city, school, batch: BATCH };
        const standing = await planStanding(this.#world.database, SEASON, place);
        const { used, planned, flexible, flexibleUsed } = standing;
        if (used > planned + flexible || flexibleUsed > flexible) {
          found.push(`${school} in ${city}: ${JSON.stringify(standing)}`);
        }
      }
    }
    return found;
  }
}
