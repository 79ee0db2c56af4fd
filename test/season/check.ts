/** The properties of file-life.md after every simulated day, in every city that has moved. */
import { auditSeason } from '../../jobs/nightly/season-audit.ts';
import { SeasonFailure } from './failure.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

export class DailyCheck {
  readonly #heads = new Map<string, number>();
  checks = 0;

  /** @throws SeasonFailure where a property is broken */
  async of(world: SeasonWorld): Promise<void> {
    const heads = await world.query<{ city: string; block: number }>(
      'select city, max(block) as block from blocks where season = $1 group by city order by city',
      [SEASON],
    );
    const moved = heads.filter(({ city, block }) => this.#heads.get(city) !== block);
    if (moved.length === 0) return;
    for (const { city, block } of moved) this.#heads.set(city, block);
    for (const city of new Set([...moved.map(each => each.city), ''])) {
      this.checks += 1;
      const what = { season: SEASON, city, businessDate: world.day };
      const findings = await auditSeason(world.database, what);
      const errors = findings.filter(({ severity }) => severity === 'error');
      if (errors.length === 0) continue;
      const said = errors.map(
        ({ property, sentence, rows, rowCount }) =>
          `${property} ${city} ${sentence} (${rowCount}) ${JSON.stringify(rows.slice(0, 3))}`,
      );
      throw new SeasonFailure(world, `broken properties\n  ${said.join('\n  ')}`);
    }
  }
}
