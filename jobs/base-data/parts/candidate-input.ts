/** What of a candidate's record may be edited, as input: of one candidate, or of a list. */
import { INPUT } from '../../act/input.ts';

/** Empty clears; what is not given stays. */
export interface CandidateEdit {
  readonly candidate_no: string;
  readonly new_candidate_no?: string;
  readonly name?: string;
  readonly sex?: 'M' | 'F';
  readonly birth_date?: string;
  readonly identity_no?: string;
  readonly identity_type?: string;
  readonly county?: string;
  readonly registration_point?: string;
  readonly origin?: string;
  readonly household?: string;
  readonly address?: string;
  readonly postcode?: string;
  readonly phone?: string;
  readonly guardian?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean | null>>;
  /** Points; null: none. */
  readonly total?: number | null;
  /** Points by the subject's code; null: absent. */
  readonly scores?: Readonly<Record<string, number | null>>;
}

const text = (description: string, maxLength = 100) =>
  ({ type: 'string', maxLength, description }) as const;

const POINTS = { minimum: 0, maximum: 10_000 } as const;

/** Texts of a candidate's row that no rule reads: how to reach him, what he is called. */
export const CONTACT_FIELDS = {
  name: '姓名',
  registration_point: '报名点',
  household: '户籍',
  address: '地址',
  postcode: '邮编',
  phone: '电话',
  guardian: '监护人',
} as const;

/** What rules may read: bound while the file is at a school. */
export const DECIDING_FIELDS = {
  sex: '性别',
  birth_date: '出生日期',
  county: '区县',
  origin: '考生类别',
} as const;

export const IDENTITY_FIELDS = { identity_no: '身份证号', identity_type: '证件类别' } as const;

export const EDIT_PROPERTIES = {
  new_candidate_no: {
    type: 'string',
    pattern: '^[0-9A-Za-z-]{1,40}$',
    description: '更正后的考生号',
  },
  name: { ...text('姓名'), minLength: 1 },
  sex: { type: 'string', enum: ['M', 'F'], description: '性别' },
  birth_date: INPUT.date,
  identity_no: { type: 'string', pattern: '^[0-9A-Za-z()-]{1,40}$', description: '身份证号' },
  identity_type: text('证件类别', 40),
  county: INPUT.region,
  registration_point: text('报名点代码', 20),
  origin: {
    type: 'string',
    enum: ['fresh', 'junior-graduate', 'senior-graduate', 'veteran', 'migrant-worker', 'other'],
    description: '考生类别',
  },
  household: text('户籍', 200),
  address: text('地址', 200),
  postcode: text('邮编', 20),
  phone: text('电话', 40),
  guardian: text('监护人'),
  attributes: {
    type: 'object',
    maxProperties: 100,
    additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
    description: '政策声明的附加属性',
  },
  total: { type: ['number', 'null'], ...POINTS, description: '总分' },
  scores: {
    type: 'object',
    maxProperties: 64,
    additionalProperties: { type: ['number', 'null'], ...POINTS },
    description: '成绩，科目代码 → 分数；null 为缺考',
  },
} as const;

/** For the ledger: what is a person's own. */
export const PERSONAL = ['edits', ...Object.keys(EDIT_PROPERTIES)];
