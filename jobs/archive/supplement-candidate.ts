/**
 * 补录考生档案: a school enters a person outside the base who is no fresh graduate, with the clerk's
 * name (n66 三（二）2). The file waits unnumbered for the home city's approval, which gives it a
 * candidate number.
 */

import { actError } from '../act/errors.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { enter, personOf, readRegions } from '../review/applications/supplement.ts';
import { recruitmentSpans } from '../review/applications/windows.ts';

interface Input extends Readonly<Record<string, unknown>> {
  readonly city: string;
  readonly clerk?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

const text = (description: string, maxLength = 200) => ({
  type: 'string',
  minLength: 1,
  maxLength,
  description,
});

/** Columns of candidates.csv (spec/formats.md), checked as there. */
const PERSON = {
  name: text('姓名', 100),
  sex: text('性别：M 或 F，男或女', 10),
  birth_date: text('出生日期，可由身份证号得出', 20),
  identity_no: text('身份证号', 40),
  identity_type: text('证件类型，不填为居民身份证', 40),
  county: text('区县代码', 20),
  registration_point: text('报名点', 100),
  origin: text('考生类别', 40),
  household: text('户籍'),
  address: text('地址'),
  postcode: text('邮编', 20),
  phone: text('电话', 40),
  guardian: text('监护人', 100),
  attributes: {
    type: 'object',
    additionalProperties: { type: ['string', 'number', 'boolean'] },
    description: '政策所列的其他考生属性',
  },
} as const;

export const job = functionJob<Input>({
  id: 'supplement-candidate',
  title: '补录考生档案',
  sides: ['school'],
  menu: '档案管理',
  annex: true,
  input: {
    properties: { city: INPUT.city, clerk: text('经办人', 100), ...PERSON },
    required: ['city'],
  },
  personal: ['clerk', ...Object.keys(PERSON)],
  relatives: true,
  window: recruitmentSpans,
  async target({ session, season, input, user }) {
    const { city } = input;
    const { cities } = await readRegions(session, season);
    if (!cities.has(city)) throw actError('unknown-city', { city });
    const { school } = user;
    return { cities: [city], ...(school === null ? {} : { school }) };
  },
  async effect(act) {
    const { clerk, attributes = {}, ...record } = act.input;
    const regions = await act.asRunner(session => readRegions(session, act.season));
    const rules = { attributes: act.policy.attributes, today: act.businessDate, regions };
    const person = personOf({ ...record, ...attributes }, clerk, rules);
    const application = await enter(act, person, clerk as string);
    return {
      lines: [`已补录一名考生，第 ${application} 号申请等待 ${person.city} 市招办审核、派号。`],
      values: { application },
    };
  },
});
