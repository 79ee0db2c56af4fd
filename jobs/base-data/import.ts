/**
 * 数据导入: a data package by hand (formats.md). The same path as the inbox takes at night: checked
 * whole before a row is written, one transaction, repeated imports change nothing. A city imports
 * what is its own; what changes anything beyond it is the province's to import.
 */
import { resolve } from 'node:path';
import { functionJob } from '../act/function-job.ts';
import { importByHand } from './parts/import-by-hand.ts';

interface Input {
  readonly folder: string;
  readonly accept_valid?: boolean;
}

export const job = functionJob<Input>({
  id: 'import',
  title: '数据导入',
  sides: ['office'],
  menu: '基本资料',
  annex: false,
  input: {
    properties: {
      folder: {
        type: 'string',
        minLength: 1,
        maxLength: 1000,
        description: '数据包：文件夹或 .xlsx 工作簿',
      },
      accept_valid: { type: 'boolean', description: 'yes 为有错误的行不导入，其余照导' },
    },
    required: ['folder'],
  },
  relatives: false,
  everyKind: true,
  window: 'none',
  async target({ user }) {
    return { cities: user.level === 'city' ? [user.region] : [] };
  },
  async launch({ input, target, businessDate, environment }) {
    const { folder, accept_valid: acceptValid = false } = input;
    const [ownCity] = target.cities;
    const given = { folder: resolve(folder), acceptValid, businessDate };
    return importByHand(ownCity === undefined ? given : { ...given, ownCity }, environment);
  },
});
