/**
 * What an audit opens: which lists of a run nothing bars, and, where the policy says
 * `release: after-audit`, their release 发档 – lists draft → released, files dispatched → reading,
 * one release-list event each.
 */
import type { Session } from '../../../db/connect.ts';
import { asCopied, copyOut, readInteger, readText } from '../../../db/copy.ts';
import { openBulk } from '../../../db/trail.ts';
import type { Finding } from '../../run/job.ts';
import type { AuditCase } from './case.ts';

/** What the findings of an audit keep back. */
export interface Barred {
  /** Every list of the run. */
  readonly all: boolean;
  readonly schools: ReadonlySet<string>;
}

export function barredBy(findings: readonly Pick<Finding, 'stops' | 'schools'>[]): Barred {
  return {
    all: findings.some(({ stops }) => stops === 'city'),
    schools: new Set(
      findings.flatMap(({ stops, schools }) => (stops === 'schools' ? (schools ?? []) : [])),
    ),
  };
}

/**
 * What bars the lists of a dispatch run, from the ledger: for those who release by hand.
 *
 * @returns null where no completed audit has looked at the run yet: then nothing may be released
 */
export async function barredLists(
  session: Pick<Session, 'query'>,
  season: number,
  run: number,
): Promise<Barred | null> {
  const audits = await session.query<{ run: number }>(
    `select a.run from runs a join runs d on d.run = $2 and d.season = a.season
      where a.season = $1::smallint and a.job = 'audit' and a.state = 'completed'
        and a.identity = 'audit|' || d.identity and a.run > d.run`,
    [season, run],
  );
  if (audits.length === 0) return null;
  const findings = await session.query<{ stops: Finding['stops']; schools: string[] }>(
    // And what the latest audit of the whole season found in the city, whatever run it comes from.
    `select stops, schools from findings where season = $1::smallint and (about_run = $2
      or run = (select max(a.run) from runs a join runs d on d.run = $2
        where a.season = d.season and a.job = 'season-audit' and a.state = 'completed'
          and a.scope ->> 'city' = d.scope ->> 'city'))`,
    [season, run],
  );
  return barredBy(findings);
}

export interface ReleaseBy {
  readonly actor: string;
  readonly at: Date;
  /** The audit's business date and run. */
  readonly businessDate: string;
  readonly run: number;
}

/** Stands behind the events of a release without an officer: the key of batches.yaml. */
const DECISION = 'release:after-audit';

/** Releases the lists that are not barred. @returns how many lists and files */
export async function releaseLists(
  audit: AuditCase,
  barred: Barred,
  by: ReleaseBy,
): Promise<{ lists: number; files: number }> {
  if (barred.all) return { lists: 0, files: 0 };
  const { session, sql, audited, batch } = audit;
  const kept = [...barred.schools].map(sql.literal).join(', ');
  const released = await session.query<{ list: number; school: string }>(
    `update dispatch_lists set state = 'released'
      where ${sql.here} and run = ${sql.run} and state = 'draft'
        ${kept === '' ? '' : `and school not in (${kept})`} returning list, school`,
  );
  if (released.length === 0) return { lists: 0, files: 0 };
  const moved = await filesOn(audit, released);
  const decision = asCopied([DECISION]);
  const events = await openBulk(session, audited.season, {
    city: audited.city,
    name: 'release-list',
    from: 'dispatched',
    to: 'reading',
    batch: audited.batch,
    actor: by.actor,
    at: by.at,
    businessDate: by.businessDate,
    phase: batch.phase,
    policy: audited.policyVersion,
    run: by.run,
  });
  const first = events.next;
  try {
    for (let at = 0; at < moved.count; at += 1) {
      const { school, major, list } = moved;
      const wait = events.add(moved.file[at], school[at], major[at], list[at], decision);
      if (wait !== undefined) await wait;
    }
  } catch (error) {
    await events.abort();
    throw error;
  }
  await events.end();
  await session.query(
    `update files f set state = 'reading', event = e.event, since = e.business_date from events e
      where ${sql.of('f')} and ${sql.of('e')} and e.event >= ${first} and e.file = f.file`,
  );
  return { lists: released.length, files: moved.count };
}

interface MovedFiles {
  count: number;
  readonly file: number[];
  readonly school: string[];
  readonly major: (string | null)[];
  readonly list: number[];
}

/** The files that still lie on the lists, in the order of the lists. */
async function filesOn(
  { session, sql }: AuditCase,
  lists: readonly { list: number; school: string }[],
): Promise<MovedFiles> {
  const schoolOf = new Map(lists.map(({ list, school }) => [list, school]));
  const moved: MovedFiles = { count: 0, file: [], school: [], major: [], list: [] };
  const majors = new Map<string, string>();
  await copyOut(
    session,
    `select f.file, f.list, f.major from files f
      where ${sql.of('f')} and f.state = 'dispatched'
        and f.list in (${lists.map(({ list }) => list).join(', ')})
      order by f.list, f.file`,
    (buffer, starts, ends) => {
      const list = readInteger(buffer, starts[1], ends[1]);
      const major = readText(buffer, starts[2], ends[2]);
      // One string per major, not per file.
      if (major !== null && !majors.has(major)) majors.set(major, major);
      moved.file.push(readInteger(buffer, starts[0], ends[0]));
      moved.school.push(schoolOf.get(list) as string);
      moved.major.push(major === null ? null : (majors.get(major) as string));
      moved.list.push(list);
      moved.count += 1;
    },
  );
  return moved;
}
