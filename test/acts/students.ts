/**
 * Students of a school for tests of what comes after admission, made by acts of the test's own with
 * the events of file-life.md, so that state, fold and events agree.
 */
import { BACK_IN_POOL } from '../../db/season/files.ts';
import type { Act } from '../../jobs/act/act.ts';
import { type Answer, type FunctionJob, functionJob } from '../../jobs/act/function-job.ts';
import { runAct } from '../../jobs/act/run-act.ts';
import type { ActWorld } from './act-world.ts';

interface Input {
  readonly city: string;
  readonly files: readonly number[];
}

/** An act on files of a city, open to everybody and at any time. */
export function testJob(id: string, effect: (act: Act<Input>) => Promise<Answer>): FunctionJob {
  return functionJob<Input>({
    id,
    title: id,
    sides: ['office'],
    menu: '系统管理',
    annex: false,
    input: {
      properties: {
        city: { type: 'string' },
        files: { type: 'array', items: { type: 'integer' } },
      },
      required: ['city', 'files'],
    },
    relatives: false,
    window: 'none',
    beforePasswordChange: true,
    unlocked: true,
    target: async ({ input }) => ({ cities: [input.city] }),
    effect,
  });
}

export interface Student {
  readonly city: string;
  readonly file: number;
  readonly candidate_no: string;
}

/** Admits candidates of the city's pool to a school, and registers the first ones of them. */
export async function admitTo(
  world: ActWorld,
  wanted: {
    readonly school: string;
    readonly city: string;
    readonly count: number;
    readonly registered?: number;
    readonly phase?: string;
  },
): Promise<Student[]> {
  const { school, city, count, registered = count, phase = 'phase-1' } = wanted;
  const students = await world.query<Student>(
    `select c.city, c.file, c.candidate_no from candidates c
       left join files f using (season, city, file)
      where c.city = $1 and coalesce(f.state, 'in-pool') = 'in-pool'
      order by c.file limit $2`,
    [city, count],
  );
  const [major] = await world.query<{ code: string }>(
    'select min(code) as code from majors where school = $1',
    [school],
  );
  const files = students.map(each => each.file);
  const enrol = testJob('test-enrol', async act => {
    for (const file of await act.filesOf(city, act.input.files)) {
      const change = { ...BACK_IN_POOL, school, major: major?.code ?? null, phase };
      act.move(file, 'admit-directly', { change: { ...change, batch: 'vocational' } });
    }
    return { lines: [] };
  });
  await runAct(enrol, { user: 'province', input: { city, files } }, world.environment());
  const confirm = testJob('test-register', async act => {
    for (const file of await act.filesOf(city, act.input.files)) act.move(file, 'register');
    return { lines: [] };
  });
  const arrived = { city, files: files.slice(0, registered) };
  if (registered > 0)
    await runAct(confirm, { user: 'province', input: arrived }, world.environment());
  return students;
}
