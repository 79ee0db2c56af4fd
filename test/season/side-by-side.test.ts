/** Side by side: each city and school must live through the same as one piece after the other. */
import fc from 'fast-check';
import t from 'tap';
import { type Piece, sideBySide } from './side-by-side.ts';

interface Desk {
  readonly place: number;
  instant: number;
}

/** Who did what at which instant, per code; and how many were at work at once. */
interface Diary {
  readonly of: Map<string, string[]>;
  most: number;
}

interface Drawn {
  readonly touches: readonly string[];
  readonly acts: number;
  readonly turns: number;
}

async function lived(drawn: readonly Drawn[], atOnce: number): Promise<Diary> {
  const diary: Diary = { of: new Map(), most: 0 };
  let working = 0;
  const pieces = drawn.map(({ touches, acts, turns }): Piece<Desk> => {
    const does = async (desk: Desk) => {
      working += 1;
      diary.most = Math.max(diary.most, working);
      for (let act = 0; act < acts; act += 1) {
        desk.instant += 1;
        for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
        for (const code of touches) {
          const pages = diary.of.get(code) ?? [];
          diary.of.set(code, [...pages, `${desk.place}.${act} at ${desk.instant}`]);
        }
      }
      working -= 1;
    };
    return { touches, does };
  });
  const open = (place: number, instant: number): Desk => ({ place, instant });
  const desks = await sideBySide(pieces, { atOnce, begin: 100, open, instantOf: d => d.instant });
  t.same(
    desks.map(({ place }) => place),
    drawn.map((_, place) => place),
  );
  return diary;
}

const anyPiece = fc.record({
  touches: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 }),
  acts: fc.nat(3),
  turns: fc.nat(4),
});

t.test(
  'every city and school has the same acts at the same instants in the same order',
  async t => {
    const property = fc.asyncProperty(fc.array(anyPiece, { maxLength: 12 }), async drawn => {
      const alone = await lived(drawn, 1);
      const beside = await lived(drawn, 3);
      t.strictSame([...beside.of].sort(), [...alone.of].sort());
      t.ok(alone.most <= 1 && beside.most <= 3);
      // A clock goes forward: two acts on one code are never at one instant.
      for (const pages of beside.of.values()) {
        const instants = pages.map(page => Number(page.split(' at ')[1]));
        t.same(
          instants,
          [...new Set(instants)].toSorted((a, b) => a - b),
        );
      }
    });
    await fc.assert(property, { numRuns: 150 });
  },
);

t.test('what touches nothing in common is done at the same time', async t => {
  const apart = ['a', 'b', 'c'].map(code => ({ touches: [code], acts: 2, turns: 3 }));
  t.equal((await lived(apart, 3)).most, 3);
  t.equal((await lived(apart, 2)).most, 2);
  const together = apart.map(piece => ({ ...piece, touches: [...piece.touches, 'school'] }));
  t.equal((await lived(together, 3)).most, 1);
});

t.test('after a failure nothing is begun, what goes on ends, and the failure is told', async t => {
  const said: string[] = [];
  const piece = (name: string, fails: boolean): Piece<Desk> => ({
    touches: [name],
    does: async () => {
      said.push(`+${name}`);
      await new Promise(setImmediate);
      if (fails) throw new Error(`${name} failed`);
      await new Promise(setImmediate);
      said.push(`-${name}`);
    },
  });
  const open = (place: number, instant: number): Desk => ({ place, instant });
  const pieces = [piece('a', false), piece('b', true), piece('c', false)];
  const done = sideBySide(pieces, { atOnce: 2, begin: 0, open, instantOf: d => d.instant });
  await t.rejects(done, { message: 'b failed' });
  t.same(said, ['+a', '+b', '-a']);
});
