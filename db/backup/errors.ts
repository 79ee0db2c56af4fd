/** What can be wrong with a backup, and with the place it is restored to. */
import { errorTable, thrower } from '../../engine/errors.ts';

export const BACKUP_ERRORS = errorTable({
  'backup-exists': {
    sentence: '文件 {file} 已经存在。',
    advice: '请换一个文件名；系统不会覆盖已有的备份。',
    exitCode: 2,
  },
  'backup-hides-rows': {
    sentence: '当前数据库用户受行级权限限制，看不到表 {table} 的全部数据，不能备份。',
    advice: '请用建库的用户（属主）连接后再备份，并确认其不受行级权限限制（BYPASSRLS）。',
    exitCode: 4,
  },
  'backup-unreadable': {
    sentence: '{file} 不是完整的备份（{reason}），未作任何改动。',
    advice: '文件可能没有传完或被截断。请核对文件大小，重新拷贝，或改用另一份备份。',
    exitCode: 3,
  },
  'backup-altered': {
    sentence: '备份 {file} 中的 {entry} 与清单不符（{reason}），未作任何改动。',
    advice: '备份已损坏或被改动，请改用另一份备份。',
    exitCode: 3,
  },
  'backup-not-the-one': {
    sentence: '备份的校验值是 {found}，不是所写的 {wanted}，未作任何改动。',
    advice: '请核对是不是要恢复的那一份；校验值在备份时显示，也在日志中。',
    exitCode: 3,
  },
  'backup-newer': {
    sentence: '备份出自比本程序新的版本（含未知的迁移 {migration}），未作任何改动。',
    advice: '请升级本程序后再恢复。',
    exitCode: 3,
  },
  'backup-unfit': {
    sentence: '备份中的表 {table} 与其迁移版本的结构不符，未作任何改动。',
    advice: '备份不是由本程序的正式版本生成的，请与维护人员联系。',
    exitCode: 3,
  },
  'restore-not-empty': {
    sentence: '数据库里已有 {season} 年度的数据，备份只恢复到空的数据库。',
    advice:
      '请用 ZHONGZHAO_HOME 指定新的文件夹，或用 DATABASE_URL 指定新建的数据库；确要以备份取代现有内容，加 --replace。',
    exitCode: 4,
  },
  'restore-home-not-empty': {
    sentence: '文件夹 {folder} 里已有内容，会与备份中的混在一起。',
    advice: '请用 ZHONGZHAO_HOME 指定新的文件夹；加 --replace 则先把原有的移到旁边再恢复。',
    exitCode: 4,
  },
  'restore-database-newer': {
    sentence: '备份出自较早的版本，而数据库的表已是较新的版本（迁移 {migration}）。',
    advice: '请新建一个空的数据库（或新的 ZHONGZHAO_HOME）再恢复，恢复后会自动升级到现版本。',
    exitCode: 4,
  },
  'rehearsal-no-database': {
    sentence: '不能建立演练用的临时数据库：{reason}。',
    advice: '请由数据库管理员授予当前用户 CREATEDB 权限后再演练。',
    exitCode: 5,
  },
});

export const backupError = thrower(BACKUP_ERRORS);
