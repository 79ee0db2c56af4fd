/** What import-city-snapshot refuses, by hand and from the inbox. */
import { errorTable, thrower } from '../../../engine/errors.ts';

const SNAPSHOT_ERRORS = errorTable({
  'not-own-system': {
    sentence: '地市 {city} 没有获准采用本市录取系统，不能导入录取快照。',
    advice: '请使用本平台录取；确需采用本市系统的，由省招办办理 approve-own-system。',
    exitCode: 4,
    basis: 'n66 三（一）5',
  },
  'snapshot-faults': {
    sentence: '{date} 的录取快照有 {errors} 处错误，未导入，仍用前一份。例如：{first}',
    advice: '请按 {rejects} 逐行改正后重新导入。',
    exitCode: 3,
    basis: 'n66 三（一）5',
  },
  'snapshot-empty': {
    sentence: '{date} 的录取快照没有任何一行，未导入，仍用前一份。',
    advice: '请核对文件；当日确无录取的，请办理 import-city-snapshot empty=yes，并由另一人确认。',
    exitCode: 4,
    basis: 'n66 三（一）5',
  },
  'snapshot-outdated': {
    sentence: '{date} 的录取快照比已收到的 {known} 的更早，未导入。',
    advice: '请导入当日的快照：每日的快照取代前一日的。',
    exitCode: 4,
    basis: 'n66 三（一）5',
  },
  'snapshot-in-future': {
    sentence: '{date} 还没有到，不能导入该日的录取快照。',
    advice: '请核对日期。',
    exitCode: 4,
  },
  'nothing-held': {
    sentence: '地市 {city} 没有待确认的第 {snapshot} 号快照。',
    advice: '请核对编号；后来的快照会取代待确认的。',
    exitCode: 4,
  },
  'same-person': {
    sentence: '送来快照与确认快照不能是同一人。',
    advice: '请由有此功能的另一人核实后确认第 {snapshot} 号快照。',
    exitCode: 4,
  },
  'one-of-three': {
    sentence: '导入录取快照须写明 package、empty=yes、held 三项中的一项，且只写一项。',
    advice:
      'package 是数据包所在的文件夹或工作簿；empty=yes 申明当日无录取；held 确认待确认的快照。',
    exitCode: 3,
  },
});

export const snapshotError = thrower(SNAPSHOT_ERRORS);
