/**
 * Points at which a crash test kills the process: `ZHONGZHAO_FAIL_POINT=name[:n]` dies by SIGKILL
 * when that point is passed for the n-th time. All names stand in this one table, so that a test
 * can walk through every one of them, and a misspelt name is found at once.
 */
import process from 'node:process';

export const FAIL_POINTS = {
  'lock-held': 'the lock is held, nothing is written yet',
  'run-recorded': 'the attempt stands in the ledger, no step is done',
  'dispatch.decided': 'a dispatch is decided and handed to its check, nothing is written',
  'step-begun': 'a step transaction is open and the fence checked, the work not begun',
  'step-worked': 'the work of a step is done, its effects not recorded',
  'step-recorded': 'effects and bookmark are written, not committed',
  'step-committed': 'a step is committed, the next one not begun',
  'complete-worked': 'the work of the last step is done, the run not completed',
  'complete-recorded': 'the run is marked completed, not committed',
  'dispatch.half-written': 'decisions and lists of a dispatch are written, its events are not',
  'sweep.half-written': 'the expired applications of a sweep are written, its files are not',
  'snapshot.half-written': 'a snapshot stands in the trail, its files are not written',
  'complete-committed': 'the run is committed, what follows the commit is not done',
  'dispatch.package-unwritten': 'a dispatch is committed, its input package is not written',
  'act-worked': 'the effect of an act is done, its files and events are not written',
  'act-recorded': 'an act is written with its events and ledger line, not committed',
  'act-launched': 'a run that an act has launched is over, the act has no line yet',
  'seal.unwritten': 'a date is sealed, the line in the file of seals is not written',
  'restore.half-loaded': 'half of the tables of a backup are filled, nothing is committed',
  'restore.loaded': 'all tables of a backup are filled, nothing is committed',
  'restore.committed': 'a backup is restored, the files of the home folder are not in their place',
} as const satisfies Record<string, string>;

export type FailPoint = keyof typeof FAIL_POINTS;

/**
 * Makes the function that dies at the point the environment names.
 *
 * @param setting the value of ZHONGZHAO_FAIL_POINT; undefined: never
 * @param die stands in for SIGKILL in tests of this function
 * @throws Error for a name that the table does not have, in the setting or at a call
 */
export function failPoints(
  setting: string | undefined,
  die: () => void = () => process.kill(process.pid, 'SIGKILL'),
): (name: string) => void {
  const [target, times = '1'] = (setting ?? '').split(':');
  if (target) assertKnown(target);
  let left = Number(times);
  if (!Number.isInteger(left) || left < 1) throw new Error(`no fail point count: ${setting}`);
  return name => {
    assertKnown(name);
    if (name !== target) return;
    left -= 1;
    if (left === 0) die();
  };
}

function assertKnown(name: string): void {
  if (!Object.hasOwn(FAIL_POINTS, name)) throw new Error(`unknown fail point: ${name}`);
}
