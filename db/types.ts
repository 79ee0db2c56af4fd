/**
 * How PostgreSQL's types arrive in JavaScript, per connection and never globally.
 *
 * - `date` stays the text `YYYY-MM-DD`: a Date would shift it by the time zone of the process.
 * - `int8` (counts, sums of integers) becomes a number while it is exact, and stays text beyond.
 * - `numeric` stays text: nothing here is stored as numeric, and a float would round.
 * - `timestamp` without time zone stays text; instants are `timestamptz`, and become Dates.
 */
import pg from 'pg';

const DATE = 1082;
const DATE_ARRAY = 1182;
const INT8 = 20;
const INT8_ARRAY = 1016;
const NUMERIC = 1700;
const NUMERIC_ARRAY = 1231;
const TIMESTAMP = 1114;
const TIMESTAMP_ARRAY = 1115;
const TEXT_ARRAY = 1009;

type Parser = (text: string) => unknown;

const asText: Parser = text => text;
// pg's list of type ids lacks the arrays; its parsers know them.
const asTextArray = pg.types.getTypeParser(TEXT_ARRAY as 25, 'text') as Parser;
const asNumberWhenExact: Parser = text => {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
};

const PARSERS: ReadonlyMap<number, Parser> = new Map([
  [DATE, asText],
  [TIMESTAMP, asText],
  [NUMERIC, asText],
  [DATE_ARRAY, asTextArray],
  [TIMESTAMP_ARRAY, asTextArray],
  [NUMERIC_ARRAY, asTextArray],
  [INT8, asNumberWhenExact],
  [
    INT8_ARRAY,
    text =>
      (asTextArray(text) as (string | null)[]).map(item =>
        item === null ? null : asNumberWhenExact(item),
      ),
  ],
]);

/** For `types` of a pg client or pool. */
export const TYPES = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): Parser {
    const own = format === 'binary' ? undefined : PARSERS.get(oid);
    return own ?? (pg.types.getTypeParser(oid, format as 'text') as Parser);
  },
} as pg.CustomTypesConfig;
