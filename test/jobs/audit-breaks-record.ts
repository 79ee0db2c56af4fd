/** Breaks of what is recorded of a run – sums, files, events, draw, package, chain: P7 to P16. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packagePath } from '../../jobs/nightly/dispatch/keep-package.ts';
import {
  type Break,
  BY_LOT,
  DECIDED,
  DRAWN,
  FIRST_PLACED,
  FOLLOW,
  PAIR,
  type Place,
  SWAP,
} from './audit-break.ts';
import { SEASON } from './audit-world.ts';

export const RECORD_BREAKS: readonly Break[] = [
  {
    title: 'a plan shown that is not the plan',
    expect: 'P7 plan',
    also: ['P7'],
    sql: `update school_outcomes set planned = planned + 1 where ${DECIDED} returning school`,
  },
  {
    title: 'a list that says another number',
    expect: 'P7 list',
    sql: `update dispatch_lists set sent = sent + 1 where ${DECIDED} returning list`,
  },
  {
    title: 'a list that lacks somebody',
    expect: 'P7 item',
    sql: `delete from list_items where season = 2016 and city = $1 and file = ${FIRST_PLACED}
      returning file`,
  },
  {
    title: 'a list out of order',
    expect: 'P7 list-order',
    sql: `with two as (
      select list from list_items i join dispatch_lists l using (season, city, list)
        where l.city = $1 and l.run = $2 and seq = 2 order by list limit 1),
      moved as (delete from list_items where city = $1 and list = (select list from two)
        and seq = 1 returning *)
      insert into list_items select season, city, list, 2000, file, ordinal, score, major from moved
      returning file`,
  },
  {
    title: 'a candidate without a decision',
    expect: 'P7 participant-missing',
    also: ['P3', 'P14'],
    shape: FOLLOW,
    sql: `delete from decisions where ${DECIDED} and file = (select max(file) from decisions
      where ${DECIDED} and school is null) returning file`,
  },
  {
    title: 'a reason that is missing',
    expect: 'P7 reasons',
    also: ['P3', 'P14'],
    sql: `update decisions set reasons = split_part(reasons, ';', 1) where ${DECIDED}
      and file = (select min(file) from decisions where ${DECIDED} and reasons like '%;%')
      returning file`,
  },
  {
    title: 'a file at another school than the event says',
    expect: 'P7 file',
    sql: `update files set major = 'zz' where season = 2016 and city = $1 and file = ${FIRST_PLACED}
      returning file`,
  },
  {
    title: 'a count of choices that is not that of the choices',
    expect: 'P7 choice-counts',
    sql: `update choice_counts set choices = choices + 1 where season = 2016 and city = $1
      and school = (select min(school) from decisions where ${DECIDED}) returning school`,
  },
  {
    title: 'a count of choosers that lacks one',
    expect: 'P7 chooser-counts',
    sql: `update chooser_counts set people = people - 1 where season = 2016 and city = $1
      and batch = (select batch from dispatch_lists where run = $2 limit 1)
      and people > 1 returning county`,
  },
  {
    title: 'a state that no event has made',
    expect: 'P8 state',
    sql: `update files set state = 'reading' where season = 2016 and city = $1
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'an event that the table does not allow',
    expect: 'P8 fold',
    also: ['P7', 'P16'],
    sql: `update events set to_state = 'registered' where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'an event without its policy',
    expect: 'P8 event',
    also: ['P16'],
    sql: `update events set policy = null where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'an event without the rules behind it',
    expect: 'P8 event',
    also: ['P16'],
    sql: `update events set decision = '' where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'a dispatch outside the window',
    expect: 'P11 window',
    also: ['P16'],
    sql: `update events set business_date = '2016-08-05' where season = 2016 and city = $1
      and run = $2 and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'a dispatch in another phase',
    expect: 'P11 window',
    also: ['P16'],
    sql: `update events set phase = 'phase-2' where season = 2016 and city = $1
      and run = $2 and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'positions that were not drawn',
    expect: 'P13 draw',
    also: ['P3', 'P14'],
    shape: BY_LOT,
    sql: `update decisions set position = 3 - position where ${DECIDED} and position in (1, 2)
      and (select count(*) from decisions where ${DECIDED}) > 1 returning file`,
  },
  {
    title: 'a last place that was not drawn',
    expect: 'P13 draw',
    also: ['P6', 'P7', 'P14'],
    shape: DRAWN,
    sql: PAIR('f.position = o.position') + SWAP,
  },
  {
    title: 'a decision that is not the one of the hash',
    expect: 'P14 stored',
    sql: `update decisions set suggestion_reason = 'majors-full' where ${DECIDED}
      and file = (select min(file) from decisions where ${DECIDED} and school is null)
      returning file`,
  },
  {
    title: 'a kept package with another total',
    expect: 'P14 input',
    change: (_, place) =>
      editPackage(place, 'candidates.csv', text => text.replace(/,5(\d)5,/, ',5$10,')),
  },
  {
    title: 'a kept package that can not be read',
    expect: 'P14 package',
    change: (_, place) => editPackage(place, 'choices.csv', () => 'nothing\n'),
  },
  {
    title: 'a result hash of another result',
    expect: 'P14 result',
    sql: 'update runs set result_hash = input_hash where run = $2 and $1 <> $1 || 1 returning run',
  },
  {
    title: 'an event that was rewritten',
    expect: 'P16 content-changed',
    sql: `update events set actor = 'somebody' where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'an event that was taken out',
    expect: 'P16 event-missing',
    // Without its event, the file seems to have been at the school before the run.
    also: ['P2', 'P5', 'P7', 'P8'],
    sql: `delete from events where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
];

async function editPackage(
  { home, run }: Place,
  name: string,
  edit: (text: string) => string,
): Promise<number> {
  const folder = join(home, packagePath(SEASON, run));
  const file = (await readdir(folder)).find(each => each.startsWith(name)) as string;
  const bytes = await readFile(join(folder, file));
  const zipped = file.endsWith('.gz');
  const text = (zipped ? gunzipSync(bytes) : bytes).toString('utf8');
  const edited = edit(text);
  await writeFile(join(folder, file), zipped ? gzipSync(edited) : edited);
  return edited === text ? 0 : 1;
}
