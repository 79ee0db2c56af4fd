/** What ends a season: the seed replays it, and the act says where to look. */

interface Where {
  readonly seed: number;
  readonly day: string;
}

export class SeasonFailure extends Error {
  readonly seed: number;
  readonly day: string;

  constructor(where: Where, what: string, act?: object, cause?: unknown) {
    const said = act === undefined ? '' : `\n  act: ${JSON.stringify(act)}`;
    const reason = cause instanceof Error ? `\n  cause: ${cause.stack ?? cause.message}` : '';
    super(`seed ${where.seed}, ${where.day}: ${what}${said}${reason}`, { cause });
    this.name = 'SeasonFailure';
    this.seed = where.seed;
    this.day = where.day;
  }
}
