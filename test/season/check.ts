/**
 * The properties of file-life.md after every simulated day, in every city that has moved. Where the
 * night's own audit has recounted a city and nothing was done there since, its findings are taken;
 * everything else is recounted here.
 */
import { auditSeason } from '../../jobs/nightly/season-audit.ts';
import { SeasonFailure } from './failure.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

interface Head {
  readonly city: string;
  readonly block: number;
  /** Of the last block in the city, or for the province in any. */
  readonly moved: number;
  /** The last audit that recounted it. */
  readonly audited: number | null;
}

interface Broken {
  readonly property: string;
  readonly sentence: string;
  readonly rows: readonly object[];
  readonly rowCount: number;
}

const PROVINCE = '';

export class DailyCheck {
  readonly #blocks = new Map<string, number>();
  checks = 0;

  /** @throws SeasonFailure where a property is broken */
  async of(world: SeasonWorld): Promise<void> {
    const heads = await readHeads(world);
    const moved = heads.filter(({ city, block }) => this.#blocks.get(city) !== block);
    if (moved.length === 0) return;
    for (const { city, block } of heads) this.#blocks.set(city, block);
    const province = heads.find(({ city }) => city === PROVINCE);
    const checked = new Set([...moved, ...(province === undefined ? [] : [province])]);
    for (const head of checked) {
      this.checks += 1;
      const broken = await brokenIn(world, head);
      if (broken.length === 0) continue;
      const said = broken.map(
        ({ property, sentence, rows, rowCount }) =>
          `${property} ${head.city} ${sentence} (${rowCount}) ${JSON.stringify(rows.slice(0, 3))}`,
      );
      throw new SeasonFailure(world, `broken properties\n  ${said.join('\n  ')}`);
    }
  }
}

async function readHeads(world: SeasonWorld): Promise<Head[]> {
  return world.query<Head>(
    `with heads as (
       select city, max(block) as block, max(run) as moved from blocks
       where season = $1 and city <> '' group by city
       union all
       select '', count(*), max(run) from blocks where season = $1)
     select h.city, h.block::integer as block, coalesce(h.moved, 0) as moved,
       (select max(a.run) from runs a where a.season = $1 and a.job = 'season-audit'
          and a.state = 'completed' and coalesce(a.scope ->> 'city', '') = h.city) as audited
     from heads h order by h.city`,
    [SEASON],
  );
}

async function brokenIn(world: SeasonWorld, head: Head): Promise<readonly Broken[]> {
  const { city, moved, audited } = head;
  if (audited !== null && audited > moved) {
    return world.query<Broken>(
      `select property, sentence, rows, row_count as "rowCount" from findings
       where season = $1 and run = $2 and severity = 'error' order by finding`,
      [SEASON, audited],
    );
  }
  const what = { season: SEASON, city, businessDate: world.day };
  const findings = await auditSeason(world.database, what);
  return findings.filter(({ severity }) => severity === 'error');
}
