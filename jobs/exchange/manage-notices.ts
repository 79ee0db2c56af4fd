/**
 * 管理公告: publishes, pins and withdraws notices, addressed by level, region and school kind. A
 * withdrawn notice stays on record with the reason. An office addresses its own region only; the
 * province addresses everybody.
 */
import { takeNumbers } from '../../db/season/counters.ts';
import {
  insertNotice,
  type NoticeText,
  pinNotice,
  readNotice,
  sameNotice,
  withdrawNotice,
} from '../../db/season/notices.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob, type Place, type Target } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { exchangeError } from './errors.ts';

type Action = 'publish' | 'pin' | 'unpin' | 'withdraw';

interface Input {
  readonly action: Action;
  readonly notice?: number;
  readonly title?: string;
  readonly body?: string;
  readonly levels?: readonly string[];
  readonly regions?: readonly string[];
  readonly kinds?: readonly string[];
  readonly pinned?: boolean;
  readonly reason?: string;
}

const LEVELS = ['province', 'city', 'county', 'school'] as const;
const KINDS = ['senior-high', 'vocational', 'technical'] as const;

/** More notices at the head of a page than this and none of them is seen; also bounds the input. */
const REGIONS_MAX = 200;

const listOf = (items: object, description: string, maxItems: number) => ({
  type: 'array',
  items,
  maxItems,
  uniqueItems: true,
  description,
});

export const job = functionJob<Input>({
  id: 'manage-notices',
  title: '管理公告',
  sides: ['office'],
  menu: '信息交流',
  annex: true,
  input: {
    properties: {
      action: {
        type: 'string',
        enum: ['publish', 'pin', 'unpin', 'withdraw'],
        description: '发布 publish、置顶 pin、取消置顶 unpin、撤回 withdraw',
      },
      notice: { type: 'integer', minimum: 1, description: '公告编号' },
      title: { type: 'string', minLength: 2, maxLength: 100, description: '标题' },
      body: { type: 'string', minLength: 2, maxLength: 20_000, description: '正文' },
      levels: listOf({ type: 'string', enum: [...LEVELS] }, '发给哪些级别，不写为各级', 4),
      regions: listOf(
        { type: 'string', pattern: '^[0-9]{6}$' },
        '发给哪些地市、县区，不写为本级所辖全部',
        REGIONS_MAX,
      ),
      kinds: listOf({ type: 'string', enum: [...KINDS] }, '发给哪些类别院校，不写为各类', 3),
      pinned: { type: 'boolean', description: '发布时是否置顶' },
      reason: INPUT.reason,
    },
    required: ['action'],
  },
  relatives: false,
  window: 'none',
  unlocked: true,
  target,
  effect: act => (act.input.action === 'publish' ? publish(act) : change(act)),
});

async function target(place: Place<Input>): Promise<Target> {
  const { session, season, input, user } = place;
  if (input.action !== 'publish') {
    const notice = await readNotice(session, season, numberOf(input));
    if (notice === null) throw exchangeError('unknown-notice', { notice: numberOf(input) });
    return { cities: notice.city === '' ? [] : [notice.city] };
  }
  const regions = input.regions ?? [];
  if (regions.length === 0) return { cities: user.cities === 'all' ? [] : user.cities };
  const rows = await session.query<{ code: string; city: string }>(
    `select code, case level when 'city' then code else parent end as city from regions
      where season = $1::smallint and code = any($2::text[]) and level in ('city', 'county')`,
    [season, regions],
  );
  const known = new Map(rows.map(row => [row.code, row.city]));
  const unknown = regions.find(region => !known.has(region));
  if (unknown !== undefined) throw exchangeError('unknown-region', { region: unknown });
  return { cities: [...new Set(known.values())].toSorted() };
}

function numberOf(input: Input): number {
  if (input.notice !== undefined) return input.notice;
  throw wrongInput(job, ['缺少 notice（公告编号）']);
}

/** The office's own city; '': the province. */
function officeOf(act: Act<Input>): string {
  return act.user.cities === 'all' ? '' : (act.user.cities[0] ?? '');
}

async function publish(act: Act<Input>): Promise<Answer> {
  const { input, session, season } = act;
  const { title, body } = input;
  if (title === undefined || body === undefined) {
    throw wrongInput(job, ['发布公告须写 title（标题）和 body（正文）']);
  }
  const city = officeOf(act);
  // A city's notice without regions is for the city, not for the province.
  const regions = input.regions?.toSorted() ?? (city === '' ? [] : [city]);
  const text: NoticeText = {
    title,
    body,
    levels: LEVELS.filter(level => input.levels?.includes(level) ?? true),
    regions,
    schoolKinds: KINDS.filter(kind => input.kinds?.includes(kind) ?? false),
  };
  if (text.levels.length === 0) throw wrongInput(job, ['levels 不得为空']);
  const same = await sameNotice(session, season, city, text);
  if (same !== null) {
    return {
      lines: [`已有内容和对象相同的第 ${same} 号公告，未重复发布。`],
      values: { notice: same },
    };
  }
  const notice = await act.asRunner(runner => takeNumbers(runner, season, 'notice'));
  const pinned = input.pinned ?? false;
  const published = { by: act.user.user, at: act.at, on: act.businessDate };
  await insertNotice(session, season, { ...text, notice, city, pinned, ...published });
  act.record({ note: { notice, action: 'publish', pinned } });
  return { lines: [`第 ${notice} 号公告已发布${pinned ? '并置顶' : ''}。`], values: { notice } };
}

async function change(act: Act<Input>): Promise<Answer> {
  const { input, session, season } = act;
  const number = numberOf(input);
  const notice = await readNotice(session, season, number);
  if (notice === null) throw exchangeError('unknown-notice', { notice: number });
  if (notice.state === 'withdrawn') throw exchangeError('notice-withdrawn', { notice: number });
  const values = { notice: number };
  if (input.action === 'withdraw') {
    const { reason } = input;
    if (reason === undefined) throw wrongInput(job, ['撤回公告须写 reason（理由）']);
    await withdrawNotice(session, season, number, { by: act.user.user, at: act.at, reason });
    act.record({ note: { notice: number, action: 'withdraw', reason } });
    return { lines: [`第 ${number} 号公告已撤回。`], values };
  }
  const pinned = input.action === 'pin';
  if (notice.pinned === pinned) {
    const now = pinned ? '已经置顶' : '没有置顶';
    return { lines: [`第 ${number} 号公告${now}，未作改动。`], values };
  }
  await pinNotice(session, season, number, pinned);
  act.record({ note: { notice: number, action: input.action } });
  return { lines: [`第 ${number} 号公告已${pinned ? '' : '取消'}置顶。`], values };
}
