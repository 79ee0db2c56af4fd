/**
 * 学校资料管理: address, contacts, bank and web data of a school. Only what is given changes.
 * Accounts and people's names stand in the table alone, not in ledger or trail.
 */
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { schoolTarget } from './parts/school-place.ts';

const FIELDS = {
  address: '地址',
  postcode: '邮政编码',
  contact: '联系人',
  phone: '联系电话',
  fax: '传真',
  email: '电子邮箱',
  website: '网址',
  bank: '开户银行',
  account_name: '账户名称',
  account_no: '账号',
} as const;

type Field = keyof typeof FIELDS;
type Input = { readonly school: string } & Partial<Readonly<Record<Field, string>>>;

const NAMES = Object.keys(FIELDS) as Field[];

export const job = functionJob<Input>({
  id: 'edit-school',
  title: '学校资料管理',
  sides: ['office'],
  menu: '基本资料',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      school: INPUT.school,
      ...Object.fromEntries(
        NAMES.map(name => [name, { type: 'string', maxLength: 200, description: FIELDS[name] }]),
      ),
      website: { type: 'string', maxLength: 200, pattern: '^(https?://.+)?$', description: '网址' },
      postcode: { type: 'string', pattern: '^([0-9]{6})?$', description: '邮政编码，六位数字' },
    },
    required: ['school'],
  },
  personal: ['contact', 'phone', 'fax', 'email', 'account_name', 'account_no'],
  relatives: false,
  window: 'none',
  target: schoolTarget,
  async effect(act) {
    const { school } = act.input;
    const given = NAMES.filter(name => act.input[name] !== undefined);
    if (given.length === 0) throw wrongInput(job, ['没有要修改的内容']);
    const changed = await write(act, given);
    if (!changed) return { lines: [`院校 ${school} 的资料已是如此，未作改动。`] };
    act.record({ school, note: { fields: given } });
    const titles = given.map(name => FIELDS[name]).join('、');
    return { lines: [`院校 ${school} 的资料已修改：${titles}。`] };
  },
});

async function write(act: Act<Input>, given: readonly Field[]): Promise<boolean> {
  const values = given.map(name => act.input[name] as string);
  const columns = given.join(', ');
  const rows = await act.session.query(
    `insert into school_details as d (season, school, updated_by, updated_at, ${columns})
     values ($1, $2, $3, $4, ${given.map((_, index) => `$${index + 5}`).join(', ')})
     on conflict (season, school) do update
       set updated_by = excluded.updated_by, updated_at = excluded.updated_at,
           ${given.map(name => `${name} = excluded.${name}`).join(', ')}
       where row(${given.map(name => `d.${name}`).join(', ')})
         is distinct from row(${given.map(name => `excluded.${name}`).join(', ')})
     returning 1`,
    [act.season, act.input.school, act.user.user, act.at, ...values],
  );
  return rows.length > 0;
}
