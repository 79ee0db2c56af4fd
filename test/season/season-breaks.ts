/** Each property of a season with data broken behind the back of everything: it must fire. */

export interface SeasonBreak {
  readonly title: string;
  /** `P9 proposal`: must be among what is found. */
  readonly expect: string;
  readonly province?: true;
  /** SQL that returns the rows it has changed; $1 is the city. */
  readonly sql: string;
}

/** An event of the last admitted file of the city, as if somebody had written it. */
function planted(columns: Readonly<Record<string, string>>): string {
  const shown = {
    season: '2016',
    city: '$1',
    event: '(select max(event) + 1 from events where city = $1)',
    file: 'a.file',
    name: "'register'",
    from_state: "'admitted'",
    to_state: "'registered'",
    school: 'a.school',
    major: 'a.major',
    batch: 'a.batch',
    actor: 'a.actor',
    at: 'a.at',
    business_date: 'a.business_date',
    phase: 'a.phase',
    policy: 'a.policy',
    decision: "'planted'",
    run: 'a.run',
    ...columns,
  };
  return `insert into events (${Object.keys(shown).join(', ')})
    select ${Object.values(shown).join(', ')} from events a
    where a.city = $1 and a.event = (select max(event) from events
      where city = $1 and name = 'approve-admission')
    returning event`;
}

const EARLY = { business_date: "'2016-06-01'" };

/** Events of these names are moved to a day long before their window. */
function early(names: readonly string[]): string {
  return `update events set business_date = '2016-06-01'
    where city = $1 and name in (${names.map(name => `'${name}'`).join(', ')}) returning event`;
}

const moveNote = (giving: number, receiving: number) =>
  `'{"from":"000000","giving":{"before":${giving},"after":0},` +
  `"receiving":{"before":0,"after":${receiving}}}'::jsonb`;

export const SEASON_BREAKS: readonly SeasonBreak[] = [
  {
    title: 'an admission of one who is admitted',
    expect: 'P1 admitted-twice',
    sql: planted({ name: "'admit-directly'", from_state: "'in-pool'", to_state: "'admitted'" }),
  },
  {
    title: 'two registrations at once',
    expect: 'P1 registered-twice',
    sql: `with first as (${planted({})}) ${planted({
      event: '(select max(event) + 2 from events where city = $1)',
    })}`,
  },
  {
    title: 'one number for two people',
    expect: 'P1 number-twice',
    province: true,
    sql: `update candidates set candidate_no = (select min(candidate_no) from candidates)
      where file = (select max(file) from candidates where city = $1) returning file`,
  },
  {
    title: 'one identity for two people',
    expect: 'P1 identity-twice',
    province: true,
    sql: `update candidates set identity_no = (select min(identity_no) from candidates
        where identity_no <> '')
      where file in (select file from candidates where city = $1 order by file desc limit 1)
      returning file`,
  },
  {
    title: 'a plan cut below what is admitted',
    expect: 'P2 admitted-over-plan',
    sql: `with none as (update flexible_quotas set places = 0 where city = $1)
      update plan_lines set planned = 0 where city = $1 returning school`,
  },
  {
    title: 'a line cut below what is admitted to it, and another one raised',
    expect: 'P2 line-over-plan',
    sql: `with none as (update flexible_quotas set places = 0 where city = $1),
        raised as (insert into plan_lines (season, city, school, major, batch, planned)
          select distinct 2016, $1, school, 'ZZ', batch, 99 from files
          where city = $1 and state = 'admitted')
      update plan_lines set planned = 0 where city = $1 returning school`,
  },
  {
    title: 'more files at a school than it has room',
    expect: 'P2 at-school-over-room',
    sql: `with none as (update flexible_quotas set places = 0 where city = $1),
        lists as (update dispatch_lists set overrun = 0 where city = $1)
      update plan_lines set planned = 0 where city = $1 returning school`,
  },
  {
    title: 'a plan line that nobody has changed stands otherwise',
    expect: 'P7 plan-line',
    sql: planted({
      name: "'manage-plans'",
      file: 'null',
      from_state: 'null',
      to_state: 'null',
      note: `'{"before":1,"after":4711}'::jsonb`,
    }),
  },
  {
    title: 'a change of plan that begins elsewhere than the one before has ended',
    expect: 'P7 plan-chain',
    sql: `with first as (${planted({
      name: "'manage-plans'",
      file: 'null',
      from_state: 'null',
      to_state: 'null',
      note: `'{"before":1,"after":4711}'::jsonb`,
    })}) ${planted({
      event: '(select max(event) + 2 from events where city = $1)',
      name: "'manage-plans'",
      file: 'null',
      from_state: 'null',
      to_state: 'null',
      note: `'{"before":4710,"after":4712}'::jsonb`,
    })}`,
  },
  {
    title: 'a daily report that counts one more than there were',
    expect: 'P7 daily-report',
    province: true,
    sql: `update daily_reports set system_admitted = system_admitted + 1
      where $1 <> '' and (school, day) = (select school, day from daily_reports
        order by day desc, school limit 1) returning school`,
  },
  {
    title: 'a candidate who is gone while the file is there',
    expect: 'P7 file-without-candidate',
    sql: `delete from candidates where city = $1
      and file = (select min(file) from files where city = $1) returning file`,
  },
  {
    title: 'a number that is registered nowhere',
    expect: 'P7 number-elsewhere',
    sql: `delete from candidate_numbers where city = $1
      and file = (select min(file) from candidates where city = $1) returning file`,
  },
  {
    title: 'somebody in the pool without a number',
    expect: 'P7 unnumbered',
    sql: `update candidates set candidate_no = null where city = $1
      and file = (select min(file) from candidates where city = $1) returning file`,
  },
  {
    title: 'places that one city gave and none received',
    expect: 'P7 region-moves',
    province: true,
    sql: planted({ name: "'review-region-move'", file: 'null', note: moveNote(0, 3) }),
  },
  {
    title: 'an event that begins elsewhere than the one before has ended',
    expect: 'P8 fold',
    sql: planted({ from_state: "'held'", to_state: "'in-pool'", name: "'release-hold'" }),
  },
  {
    title: 'a state that no event has given',
    expect: 'P8 state',
    sql: `update files set state = 'registered' where city = $1 and state = 'admitted'
      returning file`,
  },
  {
    title: 'an event without a decision',
    expect: 'P8 event',
    sql: `update events set decision = '' where city = $1 and name = 'propose-admission'
      returning event`,
  },
  {
    title: 'a file at another school than the one it was sent to',
    expect: 'P8 school',
    sql: `update files set school = 'elsewhere' where city = $1 and state = 'admitted'
      returning file`,
  },
  {
    title: 'a file in the pool that is still on a list',
    expect: 'P8 pool-school',
    sql: `update files set state = 'in-pool' where city = $1 and state = 'admitted' returning file`,
  },
  {
    title: 'a transfer that nobody has made',
    expect: 'P8 transfers',
    sql: `update files set transfers = 1 where city = $1 and state = 'admitted' returning file`,
  },
  {
    title: 'an open application that does not exist',
    expect: 'P8 open-applications',
    sql: `update files set open_applications = 1 where city = $1 and state = 'admitted'
      returning file`,
  },
  {
    title: 'a return that the file has forgotten',
    expect: 'P8 returned-by',
    sql: planted({ name: "'recall'", from_state: "'admitted'", to_state: "'in-pool'" }),
  },
  {
    title: 'a proposal confirmed by its maker',
    expect: 'P9 proposal',
    sql: `insert into proposals (season, function, input, city, proposed_by, proposed_at,
        business_date, state, confirmed_by, confirmed_at)
      values (2016, 'draw-seed', '{}', $1, 'a', now(), '2016-07-20', 'confirmed', 'a', now())
      returning proposal`,
  },
  {
    title: 'an application decided by whoever opened it',
    expect: 'P9 application',
    sql: `insert into applications (season, kind, subject, state, city, school, opened_by,
        opened_at, opened_on, decided_by, decided_at)
      values (2016, 'plan-change', 'x', 'approved', $1, '1', 'a', now(), '2016-07-20', 'a', now())
      returning application`,
  },
  ...(
    [
      ['admission', 'propose-admission', 'approve-admission'],
      ['return', 'propose-return', 'approve-return'],
      ['entry', 'enter', 'approve-entry'],
      ['number', 'supplement', 'assign-number'],
      ['release', 'dispatch', 'release-list'],
    ] as const
  ).map(([fault, make, check]) => ({
    title: `${check} by whoever did ${make}`,
    expect: `P9 ${fault}`,
    sql: `with first as (${planted({ name: `'${make}'`, run: reviewRun() })}) ${planted({
      event: '(select max(event) + 2 from events where city = $1)',
      name: `'${check}'`,
      run: reviewRun(),
    })}`,
  })),
  {
    title: 'an act by somebody without the function',
    expect: 'P10 function',
    sql: `update users set duties = '{}' where user_name like 'school-%' and $1 <> ''
      returning user_name`,
  },
  {
    title: 'an act by an officer of another city',
    expect: 'P10 region',
    sql: `update users set region = '449900' where user_name = 'city-' || $1 || '-2'
      returning user_name`,
  },
  {
    title: 'an act of a school on a file of another one',
    expect: 'P10 school',
    sql: `update users set school = 'elsewhere' where level = 'school' and $1 <> ''
      returning user_name`,
  },
  {
    title: 'an act by somebody who has declared nothing',
    expect: 'P10 relative',
    sql: "delete from relative_declarations where $1 <> '' returning declaration",
  },
  {
    title: 'a proposal before the batch has begun',
    expect: 'P11 batch-window',
    sql: early(['propose-admission']),
  },
  {
    title: 'a review before the batch has begun',
    expect: 'P11 review-window',
    sql: early(['approve-admission']),
  },
  {
    title: 'an entry outside phase 2',
    expect: 'P11 entry-window',
    sql: planted({ ...EARLY, name: "'enter'" }),
  },
  {
    title: 'a review of an entry outside phase 2',
    expect: 'P11 entry-review-window',
    sql: planted({ ...EARLY, name: "'approve-entry'" }),
  },
  {
    title: 'a transfer outside its window',
    expect: 'P11 withdrawal-window',
    sql: planted({ ...EARLY, name: "'transfer'" }),
  },
  {
    title: 'a roster filed outside its window',
    expect: 'P11 roster-window',
    sql: planted({ ...EARLY, name: "'file-roster'" }),
  },
  {
    title: 'a registration after its last day',
    expect: 'P11 registration-window',
    sql: planted({ business_date: "'2016-10-20'" }),
  },
  {
    title: 'a revert before its day',
    expect: 'P11 reverted-early',
    sql: planted({ ...EARLY, name: "'revert'", to_state: "'in-pool'" }),
  },
  {
    title: 'a region move with one approval',
    expect: 'P12 approvals',
    province: true,
    sql: `insert into applications (season, kind, subject, state, city, other_city, school,
        opened_by, opened_at, opened_on, decided_by, decided_at)
      values (2016, 'region-move', 'x', 'approved', $1, '440600', '1', 'a', now(), '2016-07-20',
        'city-' || $1, now()) returning application`,
  },
  {
    title: 'places moved without an application',
    expect: 'P12 moved-unapproved',
    province: true,
    sql: planted({ name: "'review-region-move'", file: 'null', note: moveNote(3, 3) }),
  },
  {
    title: 'a lottery whose order is not the seed’s',
    expect: 'P13 drawing',
    sql: `insert into runs (season, job, identity, scope, business_date, attempt, state, fence,
        actor, host, pid, started_at, result_hash, result, on_demand)
      select 2016, 'lottery-admission', 'x', jsonb_build_object('city', $1::text, 'school', '1',
          'batch', 'vocational'), '2016-07-20', 1, 'completed', 0, 'a', 'h', 1, now(), 'x',
        '{"answer":{"values":{"seed":"s","order":[["1","full",null],["2","full",null],
          ["3","full",null],["4","full",null],["5","full",null],["6","full",null]]}}}', true
      returning run`,
  },
  {
    title: 'a roster with one who is not registered',
    expect: 'P15 roster',
    province: true,
    sql: `with made as (${roster(1)})
      insert into roster_rows (season, roster, seq, city, file, candidate_no, name, sex,
        identity_no, county, origin, major, major_name, articulated)
      select 2016, 4711, 1, $1, min(file), '1', '', 'F', '', '', 'fresh', '', '', false
      from candidates where city = $1 returning roster`,
  },
  {
    title: 'a roster of a senior high with one whom it does not have',
    expect: 'P15 senior-high',
    province: true,
    sql: `with made as (${roster(1, 'senior-high')})
      insert into roster_rows (season, roster, seq, city, file, candidate_no, name, sex,
        identity_no, county, origin, major, major_name, articulated)
      select 2016, 4711, 1, $1, min(file), '1', '', 'F', '', '', 'fresh', '', '', false
      from candidates c where city = $1 and not exists (select from senior_high_admissions h
        where h.city = c.city and h.file = c.file) returning roster`,
  },
  {
    title: 'a roster of a senior high without those whom it has',
    expect: 'P15 senior-high',
    province: true,
    sql: roster(
      0,
      'senior-high',
      `(select min(h.school) from senior_high_admissions h join files f
      using (season, city, file) where city = $1 and state = 'senior-high')`,
    ),
  },
  {
    title: 'a roster with fewer rows than it says',
    expect: 'P15 rows',
    province: true,
    sql: roster(3),
  },
  {
    title: 'an event that was changed afterwards',
    expect: 'P16',
    sql: `update events set decision = 'other' where city = $1 and name = 'propose-admission'
      returning event`,
  },
];

function reviewRun(): string {
  return `(select max(run) from runs where job = 'release-list')`;
}

function roster(
  rows: number,
  phase = 'phase-1',
  school = '(select min(code) from schools)',
): string {
  return `insert into rosters (season, roster, city, school, phase, version, row_count, hash,
      issued_by, issued_at, issued_on)
    select 2016, 4711, $1, ${school}, '${phase}', 1, ${rows}, repeat('0', 64), 'a',
      '2016-07-30T00:00:00Z', '2016-07-30' returning roster`;
}
