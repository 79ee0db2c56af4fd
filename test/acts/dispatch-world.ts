/** What the tests of dispatching by officers share: their policies, and looks at tables. */
import { findReport, withContent } from '../../reports/registry.ts';
import { chunksOf, type Row } from '../../reports/report.ts';
import { policyFiles, SEASON } from '../jobs/night-world.ts';
import type { ActWorld } from './act-world.ts';

export const BATCH = 'vocational';
/** The shipped policy: 105 % of the plan, score-first. */
export const ZHUHAI = '440400';
/** Banded; with a seed here. */
export const FOSHAN = '440600';
/** Without settings of its own here. */
export const SHANTOU = '440500';
export const SEED = 'ball-17-ball-04-ball-22';

/** Another batch, before the others, whose window is the first day of theirs. */
const EARLY_BATCH = `batches:
  - id: early
    title: 提前批
    basis: sample
    order: 10
    phase: phase-1
    choices: { max: 2, majors: 2 }
    dispatch:
      mode: score-first
      ratio: "1.00"
      rounding: floor
      ties: { keys: [], ending: candidate-no }
      seed: null
      majors: { mode: score-first, gap: 0 }
      release: by-officer
    kinds: [senior-high]
    window: [2016-07-20, 2016-07-20]
`;

type Edit = (path: string, text: string) => string;

/** The shipped policy with a seed for Foshan, and whatever else a test edits. */
export function dispatchPolicy(edit: Edit = (_, text) => text): Map<string, string> {
  const files = policyFiles((path, text) => {
    const seeded =
      path === `cities/${FOSHAN}.yaml`
        ? text.replace('mode: banded', `mode: banded\n        seed: ${SEED}`)
        : text;
    return edit(path, seeded);
  });
  files.delete(`cities/${SHANTOU}.yaml`);
  return files;
}

export const withEarlyBatch: Edit = (path, text) =>
  path === 'batches.yaml' ? text.replace('batches:\n', EARLY_BATCH) : text;

/** Gives a user functions beyond the duties. */
export async function grant(world: ActWorld, user: string, ...functions: string[]): Promise<void> {
  await world.query(
    `insert into function_grants (user_name, function, granted, granted_by, granted_at)
     select $1, unnest($2::text[]), true, 'province', now()`,
    [user, functions],
  );
}

export interface ListRow {
  readonly list: number;
  readonly run: number;
  readonly school: string;
  readonly state: string;
  readonly sent: number;
}

export function lists(world: ActWorld, city: string, run?: number): Promise<ListRow[]> {
  return world.query<ListRow>(
    `select list, run, school, state, sent from dispatch_lists
     where city = $1 and ($2::integer is null or run = $2) order by list`,
    [city, run ?? null],
  );
}

export interface FileRow {
  readonly file: number;
  readonly no: string;
  readonly state: string;
  readonly school: string | null;
  readonly major: string | null;
  readonly list: number | null;
  readonly letter: number | null;
  readonly event: string;
  readonly decision: string;
  readonly note: Record<string, unknown> | null;
}

/** Files with their last events, those of a list or those that `where` selects. */
export function files(world: ActWorld, city: string, where: string): Promise<FileRow[]> {
  return world.query<FileRow>(
    `select f.file, c.candidate_no as no, f.state, f.school, f.major, f.list, f.letter,
       e.name as event, e.decision, e.note
     from files f join candidates c using (season, city, file)
       join events e on e.season = f.season and e.city = f.city and e.event = f.event
     where f.city = $1 and ${where} order by f.file`,
    [city],
  );
}

/** The rows of a section of a report, as a reader sees them. */
export async function reportRows(
  world: ActWorld,
  id: string,
  parameters: Record<string, unknown>,
  section: string,
): Promise<Row[]> {
  const context = {
    database: world.database,
    season: SEASON,
    actor: 'province',
    unmasked: false,
    now: () => new Date('2016-07-21T09:00:00+08:00'),
  };
  return withContent(findReport(id), context, parameters, async ({ content }) => {
    const rows: Row[] = [];
    for await (const chunk of chunksOf(content.rows[section] ?? [])) rows.push(...chunk);
    return rows;
  });
}

export async function openRound(world: ActWorld, city: string, round: number): Promise<void> {
  await world.query(
    `insert into rounds (season, city, batch, round, opened_on, opened_by)
     values ($1, $2, $3, $4, '2016-07-22', 'test')`,
    [SEASON, city, BATCH, round],
  );
}
