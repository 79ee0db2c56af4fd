/** The values of enumerated columns, each with the other ways to write it; the first is Chinese. */
import { FILE_STATES, STATE_TITLES } from '../../engine/file/states.ts';

export const SCHOOL_KINDS = {
  'senior-high': ['普通高中', '普高', '高中'],
  vocational: ['中等职业学校', '中职'],
  technical: ['技工学校', '技校'],
} as const;

export const ORIGINS = {
  fresh: ['应届', '应届初中毕业生'],
  'junior-graduate': ['往届初中毕业生', '往届初中'],
  'senior-graduate': ['高中毕业生', '往届高中毕业生'],
  veteran: ['退役士兵', '退伍军人'],
  'migrant-worker': ['农民工', '进城务工人员'],
  other: ['其他'],
} as const;

export const OWNERS = {
  ministry: ['部属'],
  province: ['省属'],
  city: ['市属'],
  county: ['县属', '区县属'],
  private: ['民办'],
  'out-of-province': ['外省', '省外'],
} as const;

/** The states of spec/file-life.md. */
export const STATES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  FILE_STATES.map(state => [state, [STATE_TITLES[state]]]),
);
