/**
 * 地市科目维护: the subjects of a city with their full marks and order, as a whole. Bound once
 * scores are loaded: marks lie by the place of their subject.
 */
import { numberToHundredths } from '../../engine/decimal.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { baseDataError } from './errors.ts';

interface SubjectInput {
  readonly code: string;
  readonly name: string;
  readonly full: number;
}

interface Input {
  readonly city: string;
  readonly subjects: readonly SubjectInput[];
}

/** The check on subjects.slot. */
const SUBJECTS_MAX = 64;

export const job = functionJob<Input>({
  id: 'define-subjects',
  title: '地市科目维护',
  sides: ['office'],
  menu: '基本资料',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      subjects: {
        type: 'array',
        minItems: 1,
        maxItems: SUBJECTS_MAX,
        items: {
          type: 'object',
          additionalProperties: false,
          properties: {
            code: { type: 'string', pattern: '^[0-9A-Za-z-]{1,20}$', description: '科目代码' },
            name: { type: 'string', minLength: 1, maxLength: 20, description: '科目名称' },
            full: { type: 'number', exclusiveMinimum: 0, maximum: 1000, description: '满分' },
          },
          required: ['code', 'name', 'full'],
        },
        description: '全部科目，按显示次序',
      },
    },
    required: ['city', 'subjects'],
  },
  relatives: false,
  everyKind: true,
  window: 'none',
  async target({ input }) {
    return { cities: [input.city] };
  },
  async effect(act) {
    const { city } = act.input;
    const subjects = checked(act.input.subjects);
    const there = await act.session.query<{ code: string; name: string; full: number }>(
      `select code, name, full_mark as full from subjects
       where season = $1::smallint and city = $2 order by position, slot`,
      [act.season, city],
    );
    if (JSON.stringify(there) === JSON.stringify(subjects)) {
      return { lines: [`${city} 的科目已是如此，未作改动。`] };
    }
    await requireNoScores(act, city);
    await write(act, city, subjects);
    act.record({ city, note: { before: there, after: subjects } });
    return { lines: [`${city} 的科目已设定，共 ${subjects.length} 科。`] };
  },
});

/** In hundredths; codes and names once each. */
function checked(given: readonly SubjectInput[]) {
  const twice = (values: readonly string[]) =>
    values.find((value, index) => values.indexOf(value) !== index);
  const code = twice(given.map(each => each.code)) ?? twice(given.map(each => each.name));
  if (code !== undefined) throw wrongInput(job, [`科目 ${code} 重复`]);
  return given.map(({ code, name, full }) => {
    const hundredths = numberToHundredths(full);
    if (hundredths === undefined) throw wrongInput(job, [`科目 ${code} 的满分至多两位小数`]);
    return { code, name, full: hundredths };
  });
}

/** @throws scores-loaded */
async function requireNoScores(act: Act<Input>, city: string): Promise<void> {
  const [row] = await act.asRunner(session =>
    session.query('select 1 from scores where season = $1::smallint and city = $2 limit 1', [
      act.season,
      city,
    ]),
  );
  if (row !== undefined) throw baseDataError('scores-loaded', { city });
}

async function write(
  act: Act<Input>,
  city: string,
  subjects: readonly { code: string; name: string; full: number }[],
): Promise<void> {
  await act.session.query('delete from subjects where season = $1::smallint and city = $2', [
    act.season,
    city,
  ]);
  await act.session.query(
    `insert into subjects (season, city, code, name, full_mark, position, slot)
     select $1::smallint, $2, s.code, s.name, s.full_mark, s.place, s.place
     from unnest($3::text[], $4::text[], $5::integer[])
       with ordinality s (code, name, full_mark, place)`,
    [
      act.season,
      city,
      subjects.map(each => each.code),
      subjects.map(each => each.name),
      subjects.map(each => each.full),
    ],
  );
}
