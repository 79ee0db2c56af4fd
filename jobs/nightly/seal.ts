/**
 * The nightly job `seal` (封签): where every chain of the trail stands at the end of a business
 * date, chained to the seal before (db/trail/seal.ts). A job of its own, and not a step of
 * `publish`: a publication is repeated when a late city is done after all, a date is sealed once;
 * and the run report, which is published after it, shows the seal.
 *
 * The seal's hash is no result hash: blocks name their runs, whose numbers a kill may change.
 */
import { sealTrail } from '../../db/trail/seal.ts';
import { appendSeals } from '../../db/trail/seals-file.ts';
import { readSeals } from '../../db/trail.ts';
import type { Finding, JobOutcome, NightlyJob, RunContext } from '../run/job.ts';

export const sealJob: NightlyJob = {
  id: 'seal',
  title: '封签',
  side: 'nightly',
  menu: '系统管理',
  shardable: false,
  plan: async ({ database, season, businessDate }) => {
    const [row] = await database.query<{ due: boolean }>(
      `select exists (select from blocks where season = $1) and not exists (
         select from runs where season = $1 and identity = $2 and state = 'completed') as due`,
      [season, identityOf(businessDate)],
    );
    return row?.due ? [{}] : [];
  },
  identity: (_, businessDate) => identityOf(businessDate),
  // Of all dates: seals are numbered.
  lock: () => 'seal',
  execute,
};

function identityOf(businessDate: string): string {
  return `seal|${businessDate}`;
}

async function execute(context: RunContext): Promise<JobOutcome> {
  const { season, businessDate, home, database, log } = context;
  const seal = await context.step('sealed', ({ session, run }) =>
    sealTrail(session, season, { businessDate, at: context.now(), run }),
  );
  if (seal === undefined) return { counts: { chains: 0 }, findings: [] };
  context.failPoint('seal.unwritten');
  const { seal: number, hash, previousHash, heads } = seal;
  log.info(
    { seal: number, businessDate, hash, previousHash, chains: heads.length },
    'trail sealed',
  );
  // All of them: a file that was lost is made again, and one that says otherwise is a finding.
  const all = await database.session(session => readSeals(session, season));
  const { path, differing } = await appendSeals(home, season, all);
  const events = heads.reduce((sum, head) => sum + head.lastEvent, 0);
  return {
    counts: { chains: heads.length, events },
    findings: differing.length === 0 ? [] : [differs(path, differing)],
    files: [path],
  };
}

function differs(path: string, seals: readonly number[]): Finding {
  return {
    property: 'P16',
    severity: 'error',
    stops: 'nothing',
    sentence:
      `${path} 中第 ${seals.join('、')} 号封签与数据库中的不一致，文件未作改动。` +
      `请用 zhongzhao verify --seals 核对另存的封签文件。`,
    rows: seals.map(seal => ({ seal })),
    rowCount: seals.length,
  };
}
