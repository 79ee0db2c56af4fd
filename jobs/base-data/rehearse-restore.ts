/**
 * 恢复演练: a backup restored into a scratch database of the same server, compared table by table,
 * its trail verified, and thrown away. Only the province's data office does it; the outcome stands
 * in the ledger, and a difference is a finding.
 */
import { resolve } from 'node:path';
import { type Rehearsal, rehearseRestore } from '../../db/backup/rehearse.ts';
import { appendEvents, PROVINCE } from '../../db/trail.ts';
import { type Answer, functionJob, type Launch } from '../act/function-job.ts';
import type { Finding, JobOutcome, RunContext } from '../run/job.ts';
import { runByHand } from './parts/by-hand.ts';

interface Input {
  readonly file: string;
}

export const job = functionJob<Input>({
  id: 'rehearse-restore',
  title: '恢复演练',
  sides: ['office'],
  menu: '基本资料',
  annex: false,
  levels: ['province'],
  input: {
    properties: {
      file: { type: 'string', minLength: 1, maxLength: 1000, description: '备份文件' },
    },
    required: ['file'],
  },
  relatives: false,
  window: 'none',
  unlocked: true,
  async target() {
    return { cities: [] };
  },
  launch,
});

async function launch({ input, businessDate, environment }: Launch<Input>): Promise<Answer> {
  const file = resolve(input.file);
  let found: Rehearsal | undefined;
  await runByHand(
    {
      id: 'rehearse-restore',
      title: '恢复演练',
      menu: '基本资料',
      scope: {},
      lock: 'rehearse-restore',
      execute: async context => {
        found = await rehearseRestore(context.database, file, {
          home: context.home,
          onProgress: context.progress,
        });
        return record(context, found);
      },
    },
    businessDate,
    environment,
  );
  const rehearsal = found as Rehearsal;
  const { hash, createdAt, tables, files, good } = rehearsal;
  const rows = tables.reduce((sum, table) => sum + table.restoredRows, 0);
  const said = good ? '全部一致，可以恢复' : '有不一致，详见需处理事项';
  return {
    lines: [
      `备份（${createdAt}）已试恢复：表 ${tables.length} 张，行 ${rows}，文件 ${files}。${said}。`,
    ],
    values: { hash, createdAt, good, tables: tables.length, rows, files },
    findings: findingsOf(rehearsal),
  };
}

async function record(context: RunContext, rehearsal: Rehearsal): Promise<JobOutcome> {
  const { actor, businessDate, season } = context;
  const { hash, createdAt, tables, files, restoredFiles, good } = rehearsal;
  const outcome: JobOutcome = {
    counts: {
      tables: tables.length,
      differing: tables.filter(table => !table.same).length,
      rows: tables.reduce((sum, table) => sum + table.restoredRows, 0),
      files,
      restoredFiles,
    },
    findings: findingsOf(rehearsal),
    inputHash: hash,
  };
  await context.complete('recorded', async step => {
    const about = { city: PROVINCE, file: null, name: 'rehearse-restore', actor };
    const note = { hash, createdAt, good };
    await appendEvents(step.session, season, [
      { ...about, at: context.now(), businessDate, run: step.run, note },
    ]);
    return outcome;
  });
  return outcome;
}

function findingsOf({ good, tables, files, restoredFiles, trail }: Rehearsal): Finding[] {
  if (good) return [];
  const differing = tables.filter(table => !table.same);
  const faults = trail?.faults.length ?? 0;
  return [
    {
      property: 'restore-rehearsal',
      severity: 'error',
      stops: 'nothing',
      sentence:
        `恢复演练与备份不一致：表 ${differing.length} 张、文件 ${files - restoredFiles} 个、` +
        `轨迹 ${faults} 处。请立即另做备份并查明原因。`,
      rows: differing.map(({ name, rows, restoredRows }) => ({ name, rows, restoredRows })),
      rowCount: differing.length,
    },
  ];
}
