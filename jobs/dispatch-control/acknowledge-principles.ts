/**
 * 答复录取原则: the province acknowledges what a city has filed, or objects with a reason (calendar
 * rule 18). After an objection the principles count as not filed, until the city files others.
 */
import { answerPrinciples, standingPrinciples } from '../../db/season/principles.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { controlError } from './errors.ts';
import { settingsSpans } from './parts/settable.ts';

interface Input {
  readonly city: string;
  readonly verdict: 'acknowledge' | 'object';
  readonly reason?: string;
}

const TITLES = { filed: '待答复', acknowledged: '已备案', objected: '有异议' } as const;

export const job = functionJob<Input>({
  id: 'acknowledge-principles',
  title: '答复录取原则',
  sides: ['office'],
  menu: '投档控制',
  annex: false,
  levels: ['province'],
  input: {
    properties: {
      city: INPUT.city,
      verdict: {
        type: 'string',
        enum: ['acknowledge', 'object'],
        description: '备案，或有异议',
      },
      reason: INPUT.reason,
    },
    required: ['city', 'verdict'],
  },
  relatives: true,
  window: settingsSpans,
  async target({ input }) {
    return { cities: [input.city] };
  },
  async effect(act) {
    const { city, verdict, reason = null } = act.input;
    const objects = verdict === 'object';
    if (objects && reason === null) throw controlError('reason-needed');
    const standing = await standingPrinciples(act.session, act.season, city);
    if (standing === null) throw controlError('principles-not-filed', { city });
    const { filing } = standing;
    // An acknowledgement may still be followed by an objection; the same answer twice may not.
    const state = objects ? 'objected' : 'acknowledged';
    if (standing.state === state || standing.state === 'objected') {
      const said = TITLES[standing.state];
      throw controlError('principles-answered', { city, filing, state: said });
    }
    const place = { season: act.season, city, filing };
    const answer = { state, by: act.user.user, at: act.at, reason } as const;
    await answerPrinciples(act.session, place, answer);
    act.record({ note: { filing, principles: standing.documentHash, state, reason } });
    const line = objects
      ? `对 ${city} 第 ${filing} 次上报的录取原则提出异议，已退该市修改。`
      : `${city} 第 ${filing} 次上报的录取原则已备案。`;
    return { lines: [line], values: { filing, state } };
  },
});
