/**
 * The nightly job `import` (导入): per city it takes the packages that have arrived in the inbox,
 * and looks whether the city's data are ready for the dispatch that follows.
 *
 * One run per city and date, so that one city's broken package keeps nobody else's dispatch back.
 * A package with faults is no failure of the run: it goes to `rejected` with its rejects.csv, and
 * the finding tells whom to call.
 */
import type { Finding, JobOutcome, NightlyJob, RunContext } from '../run/job.ts';
import { arrivedPackages, moveAway, type PackageFate, takePackage } from './import/inbox.ts';
import { cityReadiness } from './import/readiness.ts';

/** The job that takes packages from the inbox and checks what has come. */
export const importJob: NightlyJob = {
  id: 'import',
  title: '导入与检查',
  side: 'nightly',
  menu: '信息交流',
  shardable: true,
  plan: async ({ database, season }) =>
    database.query<{ city: string }>(
      `select code as city from regions
       where season = $1 and level = 'city' order by code collate "C"`,
      [season],
    ),
  identity: (scope, businessDate) => `import|${scope.city}|${businessDate}`,
  lock: scope => `import|${scope.city}`,
  execute,
};

async function execute(context: RunContext): Promise<JobOutcome> {
  const city = context.scope.city as string;
  const list = () => arrivedPackages(context.home, city, context.businessDate);
  // Kept as a step: an attempt that goes on after a kill tells the fate of the same packages.
  const arrivals = (await context.step('arrived', list)) ?? (await list());
  const findings: Finding[] = [];
  let accepted = 0;
  let rejected = 0;
  for (const arrived of arrivals) {
    await context.checkStop();
    const fate = await context.step<PackageFate>(`package ${arrived.date}`, step =>
      takePackage(context, step, arrived),
    );
    if (fate === undefined) continue;
    // After the commit; killed in between, the next attempt finds the step done and moves it.
    await moveAway(context.home, arrived, fate);
    if (fate.accepted) accepted += 1;
    else rejected += 1;
    findings.push(...fateFindings(city, arrived.date, fate, context.businessDate));
  }
  const readiness = await cityReadiness(context.database, {
    season: context.season,
    city,
    businessDate: context.businessDate,
  });
  const outcome: JobOutcome = {
    counts: { packages: accepted, rejected, ...readiness.counts },
    findings: [...findings, ...readiness.findings],
  };
  await context.complete('checked', async () => outcome);
  return outcome;
}

function fateFindings(
  city: string,
  date: string,
  fate: PackageFate,
  businessDate: string,
): Finding[] {
  const base = { severity: 'warning', city, stops: 'nothing', rows: [], rowCount: 0 } as const;
  const head = `${city} ${date} 的数据包`;
  if (!fate.accepted) {
    const faults = `有 ${fate.errors} 处错误，未导入；请按 rejects.csv 改正后重新送来。`;
    const sentence = `${head}${fate.reason === null ? faults : `未导入：${fate.reason}`}`;
    const rowCount = fate.errors;
    return [{ ...base, severity: 'error', property: 'import-rejected', sentence, rowCount }];
  }
  const findings: Finding[] = [];
  if (date < businessDate) {
    const sentence = `${head}到 ${businessDate} 才导入，已标明迟到。`;
    findings.push({ ...base, property: 'import-late', sentence });
  }
  if (fate.conflictCount > 0) {
    const sentence = `${head}有 ${fate.conflictCount} 行与在校档案冲突，未改动；请逐行核对。`;
    const rows = fate.conflicts.map(conflict => ({ ...conflict }));
    const rowCount = fate.conflictCount;
    findings.push({ ...base, property: 'import-conflict', sentence, rows, rowCount });
  }
  return findings;
}
