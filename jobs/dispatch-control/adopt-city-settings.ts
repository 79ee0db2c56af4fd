/**
 * 签署本市设置与录取原则: two officers of the city sign the latest version of its settings, without
 * which no dispatch begins, and file the admission principles 录取原则 with the province (calendar
 * rule 18). They sign a version by its number, so that what the second one confirms is what the
 * first one has read.
 */
import { signOverlay } from '../../db/policies.ts';
import { latestOverlay, type OverlayVersion } from '../../db/season/overlay-versions.ts';
import { filePrinciples, type Principles, standingPrinciples } from '../../db/season/principles.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { controlError } from './errors.ts';
import { settingsSpans } from './parts/settable.ts';

interface Input {
  readonly city: string;
  readonly version: number;
  readonly principles_hash?: string;
  readonly principles_reference?: string;
}

/** Deadline of calendar.yaml. */
const DEADLINE = 'principles-filed';

export const job = functionJob<Input>({
  id: 'adopt-city-settings',
  title: '签署本市设置与录取原则',
  sides: ['office'],
  menu: '投档控制',
  annex: false,
  levels: ['city'],
  input: {
    properties: {
      city: INPUT.city,
      version: { type: 'integer', minimum: 1, description: '所签署的设置的版本号' },
      principles_hash: { ...INPUT.request_hash, description: '录取原则文件的 SHA-256' },
      principles_reference: { ...INPUT.request_reference, description: '录取原则文件存放处' },
    },
    required: ['city', 'version'],
  },
  relatives: true,
  everyKind: true,
  window: settingsSpans,
  confirm: true,
  // By the day of the confirmation.
  unsettled: ['late'],
  async target({ input }) {
    return { cities: [input.city] };
  },
  async effect(act) {
    const { city } = act.input;
    const latest = await requireLatest(act);
    const standing = await standingPrinciples(act.session, act.season, city);
    const files = await mustFile(act, standing);
    if (latest.signed && !files) throw alreadyAdopted(act);
    const lines: string[] = [];
    if (!latest.signed) {
      await sign(act, latest);
      lines.push(`${city} 的第 ${latest.version} 版设置已由两人签署，可据以投档。`);
    }
    const filing = files ? await file(act, latest) : null;
    if (filing !== null) {
      const late = filing.late ? '（逾期，已注明）' : '';
      lines.push(`录取原则已上报省招办备案，为第 ${filing.filing} 次上报${late}。`);
    }
    const { version, hash } = latest;
    const values = { version, overlay: hash, filing: filing?.filing ?? standing?.filing ?? null };
    act.record({ note: { ...values, filed: files, signed: !latest.signed, ...filing } });
    return { lines, values };
  },
});

/** @throws no-settings, not-latest-version */
async function requireLatest(act: Act<Input>): Promise<OverlayVersion> {
  const { city, version } = act.input;
  const latest = await latestOverlay(act.session, act.season, city);
  if (latest === null) throw controlError('no-settings', { city });
  if (latest.version === version) return latest;
  const hash = latest.hash.slice(0, 12);
  throw controlError('not-latest-version', { city, version, latest: latest.version, hash });
}

/**
 * Whether principles are filed with it: the first time, and whenever a paper is given that is not
 * the one on file.
 *
 * @throws principles-needed, principles-objected
 */
async function mustFile(act: Act<Input>, standing: Principles | null): Promise<boolean> {
  const { city, principles_hash: hash, principles_reference: reference } = act.input;
  if ((hash === undefined) !== (reference === undefined)) {
    throw wrongInput(job, ['principles_hash 与 principles_reference 须一起写']);
  }
  if (standing === null && hash === undefined) throw controlError('principles-needed', { city });
  const same = hash === undefined || hash === standing?.documentHash;
  if (standing?.state === 'objected' && same) {
    throw controlError('principles-objected', { city, reason: standing.reason });
  }
  return !same;
}

function alreadyAdopted(act: Act<Input>): Error {
  const { city, version } = act.input;
  return controlError('already-adopted', { city, version });
}

/** Both officers: of a proposal that is only tried, the second is not known yet. */
function signersOf(act: Act<Input>) {
  const first = act.proposer ?? act.user.user;
  return { first, second: act.proposer === null ? null : act.user.user };
}

async function sign(act: Act<Input>, { version }: OverlayVersion): Promise<void> {
  const { first, second } = signersOf(act);
  const place = { season: act.season, city: act.input.city, version };
  const signature = { signedBy: first, countersignedBy: second, at: act.at };
  await act.asRunner(session => signOverlay(session, place, signature));
}

async function file(
  act: Act<Input>,
  { version }: OverlayVersion,
): Promise<{ readonly filing: number; readonly late: boolean; readonly principles: string }> {
  const { city, principles_hash: hash, principles_reference: reference } = act.input;
  const due = act.policy.deadlines.find(({ id }) => id === DEADLINE)?.date ?? null;
  const late = due !== null && act.businessDate > due;
  const { first, second } = signersOf(act);
  const filing = await filePrinciples(act.session, {
    season: act.season,
    city,
    documentHash: hash as string,
    documentReference: reference as string,
    overlayVersion: version,
    signedBy: first,
    countersignedBy: second ?? '',
    at: act.at,
    on: act.businessDate,
    late,
  });
  return { filing, late, principles: hash as string };
}
