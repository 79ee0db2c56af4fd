/**
 * People of different cities and schools at work at the same time, as they are on any day. A piece
 * of work says what it touches: cities, whose chains it goes into, and schools, whose letters it
 * may number. It begins when nothing of that is touched by an earlier piece that has not ended. So
 * each city and school lives through the same acts in the same order as if one piece came after the
 * other, whatever takes how long, and the season of a seed stays the same.
 *
 * Each of them has a clock of its own meanwhile: a piece begins at the latest of its clocks.
 */

/** What somebody does, and to whom. */
export interface Piece<W> {
  /**
   * Codes of cities and schools; '' is the province, with its own chain. Also what else is one for
   * several of them, as a counter that all take their numbers from.
   */
  readonly touches: readonly string[];
  does(world: W): Promise<void>;
}

/** What a piece is given, and when its world stands where. */
export interface Desks<W> {
  readonly atOnce: number;
  /** The instant from which all begin. */
  readonly begin: number;
  /** A world for the piece of this place in the order, its clock at the instant. */
  open(place: number, instant: number): W;
  /** Where its clock stands. */
  instantOf(world: W): number;
}

/**
 * Does the pieces, at most `atOnce` at a time.
 *
 * @returns their worlds, in the order of the pieces
 * @throws what the first failing piece has thrown, after those going on have ended
 */
export async function sideBySide<W>(
  pieces: readonly Piece<W>[],
  { atOnce, begin, open, instantOf }: Desks<W>,
): Promise<W[]> {
  const clocks = new Map<string, number>();
  const worlds: W[] = [];
  const waiting = pieces.map((piece, place) => ({ ...piece, does: piece.does, place }));
  const going = new Map<(typeof waiting)[number], Promise<void>>();
  const failures: unknown[] = [];
  for (;;) {
    const full = failures.length > 0 || going.size >= atOnce;
    const next = full ? undefined : firstFree(waiting, [...going.keys()]);
    if (next === undefined) {
      if (going.size === 0) break;
      await Promise.race(going.values());
      continue;
    }
    waiting.splice(waiting.indexOf(next), 1);
    const { touches, place } = next;
    const instant = Math.max(begin, ...touches.map(code => clocks.get(code) ?? begin));
    const world = open(place, instant);
    worlds[place] = world;
    const task = next
      .does(world)
      .then(() => {
        for (const code of touches) clocks.set(code, instantOf(world));
      })
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => going.delete(next));
    going.set(next, task);
  }
  if (failures.length > 0) throw failures[0];
  return worlds;
}

type Touching = Pick<Piece<unknown>, 'touches'>;

/** The first of those waiting that touches nothing of those going on or waiting before it. */
function firstFree<T extends Touching>(waiting: readonly T[], going: readonly T[]): T | undefined {
  const taken = new Set(going.flatMap(({ touches }) => touches));
  for (const next of waiting) {
    if (!next.touches.some(code => taken.has(code))) return next;
    for (const code of next.touches) taken.add(code);
  }
  return undefined;
}
