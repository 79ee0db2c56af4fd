/**
 * 指定投档单取消投档: a whole list back to the pool, as long as the school has not submitted it. Its
 * files may be sent there again: the school has neither returned nor lost them.
 */
import { BACK_IN_POOL } from '../../db/season/files.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { listTarget } from '../act/targets.ts';
import { listOf, moveLists } from '../dispatch/parts/lists.ts';

interface Input {
  readonly city: string;
  readonly list: number;
  readonly reason: string;
}

export const job = functionJob<Input>({
  id: 'cancel-dispatch-list',
  title: '指定投档单取消投档',
  sides: ['office'],
  menu: '档案管理',
  annex: true,
  input: {
    properties: { city: INPUT.city, list: INPUT.list, reason: INPUT.reason },
    required: ['city', 'list', 'reason'],
  },
  relatives: true,
  window: 'batch',
  target: listTarget,
  async effect(act) {
    const { city, list: number, reason } = act.input;
    const list = await listOf(act, city, number);
    await moveLists(act, [list], 'cancel-list');
    const files = await act.onList(city, number);
    for (const file of files) {
      act.move(file, 'cancel-dispatch', { change: BACK_IN_POOL, note: { reason } });
    }
    return {
      lines: [`${city} 第 ${number} 号投档单已取消，${files.length} 份档案回到库中。`],
      counts: { files: files.length },
    };
  },
});
