/**
 * 抽取派位种子: the lottery seed of a city's batch. First the hash of the applicants is published
 * (publish=yes); then two officers draw: the first proposes, the second's confirmation draws, so
 * that nobody sees a seed and then decides whether to take it. The seed is public from then on and
 * enters the city's settings; whoever has the run's package can draw the lots again (P13).
 */
import { anyDrawing } from '../../db/season/drawings.ts';
import {
  drawOfSeed,
  handChangesSince,
  latestDraw,
  publishApplicants,
  recordSeed,
} from '../../db/season/draws.ts';
import type { Batch } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { type Answer, functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { drawsLots } from '../nightly/dispatch/drawn-applicants.ts';
import { controlError } from './errors.ts';
import { applicantsHash, drawSeed } from './parts/draw.ts';
import { requireWholeBatch } from './parts/schools.ts';
import {
  currentRound,
  requireNotClosed,
  requireSettable,
  settingsSpans,
  standingOf,
} from './parts/settable.ts';
import { changeSettings } from './parts/settings.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly publish?: boolean;
}

export const job = functionJob<Input>({
  id: 'draw-seed',
  title: '抽取派位种子',
  sides: ['office'],
  menu: '投档控制',
  annex: false,
  input: {
    properties: {
      city: INPUT.city,
      batch: INPUT.batch,
      publish: { type: 'boolean', description: 'yes：公布考生数据的哈希；不写：抽取种子' },
    },
    required: ['city', 'batch'],
  },
  relatives: true,
  window: settingsSpans,
  confirm: ({ input }) => input.publish !== true,
  // The seed, and the settings that have it in them.
  unsettled: ['edit', 'after'],
  async target({ input }) {
    return { cities: [input.city], batch: input.batch };
  },
  async effect(act) {
    const { city } = act.input;
    const batch = act.batch(act.input.batch);
    await requireWholeBatch(act, batch);
    const standing = await standingOf(act, city);
    requireNotClosed(standing, batch);
    // A first seed may follow the round's run: what places are left may be filled by lot.
    const round = currentRound(standing, batch);
    if (hasSeed(batch) && !(await isSpoilt(act, batch, round))) requireSettable(standing, [batch]);
    const hash = await applicantsHash(act, { city, batch, round });
    return act.input.publish === true
      ? publish(act, batch, round, hash)
      : draw(act, batch, round, hash);
  },
});

/**
 * The round's seed can't be used any more, since applicants were changed by hand after they were
 * published (drawn-applicants.ts), and has decided nothing yet: then another one may follow the
 * round's run. What it decided stands.
 */
async function isSpoilt(act: Act<Input>, batch: Batch, round: number): Promise<boolean> {
  const { season } = act;
  const place = { season, city: act.input.city, batch: batch.id };
  const seed = batch.dispatch.seed ?? '';
  return act.asRunner(async session => {
    const drawn = await drawOfSeed(session, { ...place, seed });
    if (drawn === null || drawn.round !== round) return false;
    if (drawsLots(batch) || (await anyDrawing(session, { ...place, round }))) return false;
    return (await handChangesSince(session, { ...place, draw: drawn.draw })) !== 0;
  });
}

function hasSeed({ dispatch }: Batch): boolean {
  return dispatch.seed !== null && dispatch.seed !== '';
}

/** @throws seed-drawn: nobody draws again because the lots did not please */
async function publish(
  act: Act<Input>,
  batch: Batch,
  round: number,
  inputHash: string,
): Promise<Answer> {
  const { city } = act.input;
  const place = { season: act.season, city, batch: batch.id, round };
  const last = await latestDraw(act.session, place);
  if (last?.inputHash === inputHash) {
    if (last.seed !== null) throw alreadyDrawn(city, batch, round, last.draw);
    const values = { draw: last.draw, round, inputHash };
    return { lines: [`考生数据没有变动，已公布的哈希 ${inputHash} 仍有效。`], values };
  }
  const published = { inputHash, by: act.user.user, at: act.at, on: act.businessDate };
  const number = await publishApplicants(act.session, place, published);
  const values = { draw: number, round, inputHash };
  act.record({ note: { step: 'publish', ...values } });
  const line = `${city} 的${batch.title}第 ${round} 轮考生数据的哈希：${inputHash}，现予公布。`;
  return { lines: [line, '请由两人抽取种子（draw-seed）。'], values };
}

function alreadyDrawn(city: string, batch: Batch, round: number, draw: number): Error {
  return controlError('seed-drawn', { city, batch: batch.title, round, draw });
}

/** @throws applicants-not-published, seed-drawn, applicants-changed */
async function draw(
  act: Act<Input>,
  batch: Batch,
  round: number,
  inputHash: string,
): Promise<Answer> {
  const { city } = act.input;
  const { season, session } = act;
  const last = await latestDraw(session, { season, city, batch: batch.id, round });
  const about = { city, batch: batch.title, round };
  if (last === null) throw controlError('applicants-not-published', about);
  if (last.inputHash !== inputHash) {
    const hashes = { published: last.inputHash.slice(0, 12), now: inputHash.slice(0, 12) };
    throw controlError('applicants-changed', { ...about, ...hashes });
  }
  if (last.seed !== null) throw alreadyDrawn(city, batch, round, last.draw);
  const drawnFor = [season, city, batch.id, round, last.draw, inputHash];
  const seed = drawSeed(() => act.random(), drawnFor);
  const proposer = act.proposer ?? act.user.user;
  // Of a proposal that is only tried, the second person is not known yet.
  const confirmer = act.proposer === null ? '' : act.user.user;
  const settings = await changeSettings(act, {
    city,
    edit: { kind: 'seed', batch: batch.id, seed },
    note: { step: 'draw', draw: last.draw, round, inputHash },
    signedOn: { by: proposer, countersignedBy: confirmer },
  });
  await recordSeed(
    session,
    { season, city, draw: last.draw },
    {
      seed,
      overlayVersion: settings.version,
      by: proposer,
      confirmedBy: confirmer,
      at: act.at,
    },
  );
  const { version, hash, signed } = settings;
  const values = { draw: last.draw, round, seed, inputHash, version, overlay: hash, signed };
  const sign = signed ? [] : ['设置还有未签署的改动，投档前须签署（adopt-city-settings）。'];
  return { lines: [`${city} 的${batch.title}第 ${round} 轮派位种子：${seed}。`, ...sign], values };
}
