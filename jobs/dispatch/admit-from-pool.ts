/**
 * 录取在库考生: in a phase of the schools' own, the school enters a candidate's number and a major;
 * the candidate's home city reviews it (calendar rules 7, 8 and 17).
 */
import { locateCandidates } from '../../db/season/files.ts';
import { actError } from '../act/errors.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { type Entry, EntryDesk, entryWindow } from './parts/entry.ts';

export const ENTRY_INPUT = {
  candidate_no: INPUT.candidate_no,
  major: INPUT.major,
  request_hash: { ...INPUT.request_hash, description: '报读确认表扫描件的 SHA-256' },
  request_reference: { ...INPUT.request_reference, description: '报读确认表存放处' },
  clerk: { type: 'string', minLength: 1, maxLength: 60, description: '经办人姓名' },
} as const;

export const job = functionJob<Entry>({
  id: 'admit-from-pool',
  title: '录取在库考生',
  sides: ['school'],
  menu: '投档',
  annex: true,
  input: { properties: ENTRY_INPUT, required: ['candidate_no', 'major'] },
  personal: ['clerk'],
  relatives: true,
  window: entryWindow,
  async target({ session, season, user, input }) {
    const candidate = input.candidate_no;
    const found = (await locateCandidates(session, season, [candidate])).get(candidate);
    if (found === undefined) throw actError('unknown-candidate', { candidate });
    return { cities: [found.city], ...(user.school === null ? {} : { school: user.school }) };
  },
  async effect(act) {
    const desk = await EntryDesk.open(act);
    const file = await desk.enter(await act.candidate(act.input.candidate_no), act.input);
    const done = file.state === 'admitted' ? '已录取（按规则自动审核）' : '待生源地市招办审核';
    return { lines: [`考生 ${act.input.candidate_no} 已投入专业 ${act.input.major}，${done}。`] };
  },
});
