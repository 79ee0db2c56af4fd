/**
 * The functions, found by their files: `jobs/MENU/ID.ts` exports `job`. A new function is one new
 * file; nothing is registered by hand, so nothing can be forgotten. A test holds the files against
 * the tables of annex 1.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nearestName } from '../../engine/policy/nearest.ts';
import { actError } from './errors.ts';
import type { FunctionJob } from './function-job.ts';

/** One folder per menu of the notice. */
export const MENU_FOLDERS = [
  'system',
  'base-data',
  'dispatch-control',
  'dispatch',
  'review',
  'archive',
  'exchange',
  'daily-report',
] as const;

const JOBS = join(import.meta.dirname, '..');
let known: ReadonlyMap<string, string> | undefined;

/** Id → file. Files that declare no function (errors.ts and shared parts) say so by their name. */
export function functionFiles(): ReadonlyMap<string, string> {
  known ??= new Map(
    MENU_FOLDERS.filter(folder => existsSync(join(JOBS, folder))).flatMap(folder => {
      const entries = readdirSync(join(JOBS, folder), { withFileTypes: true });
      return entries
        .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
        .filter(entry => entry.name !== 'errors.ts')
        .map(entry => [entry.name.slice(0, -3), join(JOBS, folder, entry.name)] as const);
    }),
  );
  return known;
}

/** @throws unknown-function, with the nearest one */
export async function findFunction(id: string): Promise<FunctionJob> {
  const file = functionFiles().get(id);
  if (file === undefined) {
    const nearest = nearestName(id, [...functionFiles().keys()]) ?? '无';
    throw actError('unknown-function', { function: id, nearest });
  }
  const { job } = (await import(file)) as { job?: FunctionJob };
  if (job?.id !== id) throw new Error(`${file} declares no function ${id}`);
  return job;
}

/** All functions, by id. */
export async function allFunctions(): Promise<FunctionJob[]> {
  return Promise.all([...functionFiles().keys()].toSorted().map(findFunction));
}
