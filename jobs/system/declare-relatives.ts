/**
 * 亲属报考申报, both sides (calendar rule 10): before the first act of the year everybody declares
 * the direct relatives who apply, by candidate number, or that there are none. One may add, never
 * take away. The numbers stand in the declaration alone, not in ledger or trail.
 */
import { declareRelatives } from '../../db/access/declarations.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { ownTarget } from './parts/places.ts';

interface Input {
  readonly relatives: readonly string[];
}

const RELATIVES_MAX = 50;

export const job = functionJob<Input>({
  id: 'declare-relatives',
  title: '亲属报考申报',
  sides: ['office', 'school'],
  menu: '系统管理',
  annex: false,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      relatives: {
        ...INPUT.candidates,
        minItems: 0,
        maxItems: RELATIVES_MAX,
        description: '直系亲属的考生号，多个以空格分隔；没有则为空',
      },
    },
    required: ['relatives'],
  },
  personal: ['relatives'],
  relatives: false,
  window: 'none',
  unlocked: true,
  target: ownTarget,
  async effect(act) {
    const { season, at, session } = act;
    const { relatives } = act.input;
    const { user } = act.user;
    const changed = await declareRelatives(session, { season, user, relatives, at });
    if (!changed) return { lines: ['与已作的申报相同，未作改动。'] };
    act.record({ note: { relatives: relatives.length } });
    const said = relatives.length === 0 ? '没有直系亲属报考' : `直系亲属 ${relatives.length} 人`;
    return { lines: [`本年度申报已记录：${said}。`] };
  },
});
