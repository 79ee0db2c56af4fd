/**
 * The properties of file-life.md after every simulated day, in every city that has moved. Where the
 * night's own audit has recounted a city and nothing was done there since, its findings are taken;
 * everything else is recounted here: all of it, or, in a large season, all of it once a week and on
 * the days between what has moved since the last check, as the night does.
 */
import { daysAfter } from '../../engine/policy/calendar.ts';
import { auditSeason } from '../../jobs/nightly/season-audit.ts';
import { SeasonFailure } from './failure.ts';
import { CITIES_AT_ONCE, SEASON, type SeasonWorld } from './season-world.ts';

interface Head {
  readonly city: string;
  /** Blocks of the city's chain; of the province those of all chains. */
  readonly blocks: number;
  /** Of the last block in the city, or for the province in any. */
  readonly moved: number;
  /** The last audit that recounted it. */
  readonly audited: number | null;
  /** Where the own chain ends. */
  readonly block: number;
  readonly event: number;
  /** Of the policy and the city's own settings. */
  readonly versions: string;
}

/** What was found to be right: up to where, when everything was recounted, under which policy. */
interface Right extends Pick<Head, 'blocks' | 'block' | 'event' | 'moved' | 'versions'> {
  readonly day: string;
  readonly full: string;
}

interface Broken {
  readonly property: string;
  readonly sentence: string;
  readonly rows: readonly object[];
  readonly rowCount: number;
}

const PROVINCE = '';

/** Days from a check of everything to the next. */
const FULL_EVERY_DAYS = 7;

export class DailyCheck {
  readonly #goOn: boolean;
  readonly #right = new Map<string, Right>();
  checks = 0;

  /** @param goOn whether a check may go on from the city's last one */
  constructor({ goOn }: { readonly goOn: boolean }) {
    this.#goOn = goOn;
  }

  /** @throws SeasonFailure where a property is broken */
  async of(world: SeasonWorld): Promise<void> {
    const heads = await readHeads(world);
    const moved = heads.filter(({ city, blocks }) => this.#right.get(city)?.blocks !== blocks);
    if (moved.length === 0) return;
    const province = heads.find(({ city }) => city === PROVINCE);
    const due = new Set([...moved, ...(province === undefined ? [] : [province])]);
    const recounts = [...due].map(head => ({ head, since: this.#since(world, head) }));
    this.checks += recounts.length;
    for (const { head, since, broken } of await recounted(world, recounts)) {
      if (broken.length === 0) {
        const full = since?.full ?? world.day;
        this.#right.set(head.city, { ...head, day: world.day, full });
        continue;
      }
      const said = broken.map(
        ({ property, sentence, rows, rowCount }) =>
          `${property} ${head.city} ${sentence} (${rowCount}) ${JSON.stringify(rows.slice(0, 3))}`,
      );
      throw new SeasonFailure(world, `broken properties\n  ${said.join('\n  ')}`);
    }
  }

  /** From where the check may go on; null: everything is recounted. */
  #since({ day }: SeasonWorld, { city, versions }: Head): Right | null {
    const right = this.#right.get(city);
    if (!this.#goOn || right === undefined || right.event === 0) return null;
    const due = right.full <= daysAfter(day, -FULL_EVERY_DAYS);
    return due || right.versions !== versions ? null : right;
  }
}

async function readHeads(world: SeasonWorld): Promise<Head[]> {
  return world.query<Head>(
    `with heads as (
       select city, max(block) as blocks, max(block) as block, max(last_event) as event,
         max(run) as moved
       from blocks where season = $1 and city <> '' group by city
       union all
       select '', count(*), max(block) filter (where city = ''),
         max(last_event) filter (where city = ''), max(run)
       from blocks where season = $1)
     select h.city, h.blocks::integer as blocks, coalesce(h.block, 0)::integer as block,
       coalesce(h.event, 0) as event, coalesce(h.moved, 0) as moved,
       (select max(version) from policy_bases where season = $1) || '|' ||
         coalesce((select max(version) from policy_overlays o
           where o.season = $1 and o.city = h.city), 0) as versions,
       (select max(a.run) from runs a where a.season = $1 and a.job = 'season-audit'
          and a.state = 'completed' and coalesce(a.scope ->> 'city', '') = h.city) as audited
     from heads h order by h.city`,
    [SEASON],
  );
}

interface Recount {
  readonly head: Head;
  readonly since: Right | null;
}

/** One city beside another: none waits for what another finds. In the order given. */
async function recounted(
  world: SeasonWorld,
  recounts: readonly Recount[],
): Promise<(Recount & { readonly broken: readonly Broken[] })[]> {
  const found: (Recount & { readonly broken: readonly Broken[] })[] = [];
  const pieces = recounts.map((recount, place) => ({
    touches: [recount.head.city],
    does: async (desk: SeasonWorld) => {
      found[place] = { ...recount, broken: await brokenIn(desk, recount) };
    },
  }));
  await world.sideBySide(pieces, CITIES_AT_ONCE);
  return found;
}

async function brokenIn(world: SeasonWorld, { head, since }: Recount): Promise<readonly Broken[]> {
  const { city, moved, audited } = head;
  if (audited !== null && audited > moved) {
    return world.query<Broken>(
      `select property, sentence, rows, row_count as "rowCount" from findings
       where season = $1 and run = $2 and severity = 'error' order by finding`,
      [SEASON, audited],
    );
  }
  const lately = since === null ? null : { day: daysAfter(since.day, -1), run: since.moved };
  const what = { season: SEASON, city, businessDate: world.day, since, lately };
  const findings = await auditSeason(world.database, what);
  return findings.filter(({ severity }) => severity === 'error');
}
