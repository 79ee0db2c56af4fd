/** Breaks of who was placed where, and why: P1 to P6. */
import {
  type Break,
  BY_NUMBER,
  DECIDED,
  FIRST_PLACED,
  FOLLOW,
  PAIR,
  REJECT,
  SWAP,
} from './audit-break.ts';

export const PLACING_BREAKS: readonly Break[] = [
  {
    title: 'a file on a list twice',
    expect: 'P1 listed-twice',
    also: ['P7'],
    sql: `insert into list_items select season, city, list, seq + 1000, file, ordinal, score, major
      from list_items where season = 2016 and city = $1 and file = (
        select min(i.file) from list_items i
        join dispatch_lists l using (season, city, list) where l.city = $1 and l.run = $2)
      returning file`,
  },
  {
    title: 'two files with one candidate number',
    expect: 'P1 number-twice',
    also: ['P7', 'P5'],
    sql: `update candidates set candidate_no = (select max(candidate_no) from candidates
        where season = 2016 and city = $1)
      where season = 2016 and city = $1 and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'two files with one identity number',
    expect: 'P1 identity-twice',
    sql: `update candidates set identity_no = 'X' where season = 2016 and city = $1
      and (file = ${FIRST_PLACED} or candidate_no = (select max(candidate_no) from candidates
        where season = 2016 and city = $1)) returning file`,
  },
  {
    title: 'a file dispatched twice by one run',
    expect: 'P1 dispatched-twice',
    also: ['P7', 'P8', 'P16'],
    sql: `insert into events select season, city, event + 100000, file, name, from_state, to_state,
        school, major, batch, actor, at, business_date, phase, policy, decision, run, list, note
      from events where season = 2016 and city = $1 and run = $2 and file = ${FIRST_PLACED}
      returning file`,
  },
  {
    title: 'somebody placed beyond the room',
    expect: 'P2 over-room',
    also: ['P3', 'P7', 'P14'],
    shape: BY_NUMBER,
    sql: `${PAIR(`c.ordinal = (select min(ordinal) from choices x where x.season = 2016
      and x.city = $1 and x.file = f.file)`)}
      update decisions d set school = p.school, ordinal = p.fresh_ordinal,
        reasons = p.fresh_ordinal || ':placed' || coalesce((
          select string_agg(';' || ordinal || ':not-reached', '' order by ordinal) from choices c
          where c.season = 2016 and c.city = $1 and c.file = d.file
            and c.ordinal > p.fresh_ordinal), '')
      from pair p where d.season = 2016 and d.city = $1 and d.run = $2 and d.file = p.fresh
      returning d.file`,
  },
  {
    title: 'a major beyond its line',
    expect: 'P2 major-room',
    also: ['P7', 'P14'],
    shape: FOLLOW,
    sql: `update decisions d set major = l.major from plan_lines l
      where d.season = 2016 and d.city = $1 and d.run = $2 and d.file = (
          select min(x.file) from decisions x join plan_lines y on y.season = 2016 and y.city = $1
            and y.school = x.school and y.planned = 0
          where x.season = 2016 and x.city = $1 and x.run = $2 and not exists (
            select from flexible_quotas q where q.season = 2016 and q.school = x.school
              and q.places > 0))
        and l.season = 2016 and l.city = $1 and l.school = d.school and l.planned = 0
      returning d.file`,
  },
  {
    title: 'a major without a line',
    expect: 'P2 major-line',
    also: ['P7', 'P14'],
    sql: `update decisions set major = '99'
      where ${DECIDED} and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'a lower score in the place of a higher one',
    expect: 'P3 envy',
    also: ['P7', 'P14'],
    shape: BY_NUMBER,
    sql: PAIR('f.position > o.position') + SWAP,
  },
  {
    title: 'a score that is not total and bonus',
    expect: 'P3 score',
    also: ['P7', 'P14'],
    sql: `update decisions set score = coalesce(score, 0) + 1 where ${DECIDED} and file = (
      select min(file) from decisions where ${DECIDED}) returning file`,
  },
  {
    title: 'a position that is not that of the rank',
    expect: 'P3 position',
    also: ['P14'],
    shape: FOLLOW,
    sql: `update decisions set position = position + 1 where ${DECIDED} and file = (
      select min(file) from decisions where ${DECIDED} and position is not null) returning file`,
  },
  {
    title: 'a total that was changed after the run',
    expect: 'P3 score',
    // With another last place, other candidates have followed it than may.
    also: ['P2', 'P3', 'P5', 'P6', 'P7'],
    shape: FOLLOW,
    sql: `update candidates set total = total - 20000 where season = 2016 and city = $1
      and file = ${FIRST_PLACED} and total is not null returning file`,
  },
  {
    title: 'a refusal without its cause',
    expect: 'P3 reason',
    also: ['P14'],
    shape: BY_NUMBER,
    sql: `update decisions set reasons = regexp_replace(reasons, ':full', ':returned-before')
      where ${DECIDED} and file = (select min(file) from decisions
        where ${DECIDED} and reasons like '%:full%') returning file`,
  },
  {
    title: 'a refusal by a rule that is met',
    expect: 'P3 reason',
    also: ['P14'],
    shape: BY_NUMBER,
    sql: `update decisions set reasons = regexp_replace(reasons, ':full', ':below-region-line')
      where ${DECIDED} and file = (select min(file) from decisions
        where ${DECIDED} and reasons like '%:full%') returning file`,
  },
  {
    title: 'room left while somebody who may go there goes without',
    expect: 'P4 room-left',
    also: ['P7', 'P14'],
    shape: BY_NUMBER,
    sql: `update decisions set school = null, ordinal = null, major = null, suggestion_reason = '',
        reasons = replace(reasons, ':placed', ':full')
      where ${DECIDED} and file = (select max(d.file) from decisions d
        where d.season = 2016 and d.city = $1 and d.run = $2 and d.school is not null
          and d.reasons not like '%not-reached%') returning file`,
  },
  {
    title: 'somebody with an open application sent',
    expect: 'P5 not-in-pool',
    sql: `update files set open_applications = 1 where season = 2016 and city = $1
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'somebody sent who was held',
    expect: 'P5 not-in-pool',
    also: ['P7', 'P8', 'P16'],
    sql: `update events set from_state = 'held' where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'somebody sent whom a senior high has admitted',
    expect: 'P5 senior-high',
    sql: `insert into senior_high_admissions values (2016, $1, (select min(file) from decisions
      where city = $1 and run = $2 and school is not null), '4400001', true) returning file`,
  },
  {
    title: 'somebody sent to a school that was not chosen',
    expect: 'P5 not-own-choice',
    also: ['P3', 'P7'],
    shape: FOLLOW,
    sql: `update choices c set school = '8888888' from decisions d where d.season = 2016
      and d.city = $1 and d.run = $2 and d.file = ${FIRST_PLACED}
      and c.season = 2016 and c.city = $1
      and c.file = d.file and c.ordinal = d.ordinal returning c.file`,
  },
  {
    title: 'somebody sent below the line',
    expect: 'P5 below-region-line',
    also: ['P3', 'P6', 'P7', 'P14'],
    shape: BY_NUMBER,
    sql: `with lowered as (update candidates set total = 40000 where season = 2016 and city = $1
        and file = ${FIRST_PLACED} and total is not null returning file)
      update decisions set score = 40000 where ${DECIDED} and file in (select file from lowered)
      returning file`,
  },
  {
    title: 'somebody sent who fails a condition of the school',
    expect: 'P5 condition',
    also: ['P3'],
    shape: FOLLOW,
    sql: `with failing as (
      update candidates set origin = 'veteran' where season = 2016 and city = $1
        and file = ${FIRST_PLACED} returning file) select file from failing`,
  },
  {
    title: 'the wrong one of two equals',
    expect: 'P6 tie-order',
    also: ['P7', 'P14'],
    shape: BY_NUMBER,
    sql: PAIR('f.position = o.position') + SWAP,
  },
  {
    title: 'equals parted where all of them follow',
    expect: 'P6 equals-parted',
    also: ['P7', 'P14'],
    shape: FOLLOW,
    sql: `update decisions set school = null, ordinal = null, major = null, suggestion_reason = '',
        reasons = replace(reasons, ':placed', ':full')
      where ${DECIDED} and file = (
        select max(d.file) from decisions d join school_outcomes o using (season, city, run, school)
        where d.season = 2016 and d.city = $1 and d.run = $2 and o.overrun > 0
          and d.reasons not like '%not-reached%'
          and d.position = (select max(position) from decisions x where x.season = 2016
            and x.city = $1 and x.run = $2 and x.school = d.school))
      returning file`,
  },
  {
    title: 'a school closed by a tie that was none',
    expect: 'P6 closing',
    // Others were told that it was full, and now it is not.
    also: ['P3', 'P4', 'P7', 'P14'],
    shape: REJECT,
    sql: `update decisions d set school = null, ordinal = null, major = null,
        suggestion_reason = '', reasons = replace(reasons, ':placed', ':closed-by-tie')
      where ${DECIDED} and file = (
        select file from decisions where ${DECIDED} and school is not null
        and reasons not like '%not-reached%' order by position desc, file limit 1) returning file`,
  },
];
