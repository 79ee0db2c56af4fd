/** The score lines 分数线 of a policy, to be drawn across a distribution of scores. */
import { formatHundredths } from '../engine/decimal.ts';
import type { FullPolicy } from '../engine/policy/types.ts';
import type { ChartMark } from './report.ts';

/** What is looked at; lines of one city alone can be compared with its scores. */
export interface LinesAbout {
  /** The section whose chart they cross. */
  readonly section: string;
  readonly city: string;
  /** null: of all batches, each named. */
  readonly batch: string | null;
  /** null: the region's lines alone. */
  readonly school: string | null;
}

/** Lines of the region, and of the school where one is looked at; the lowest first. */
export function scoreLines(policy: FullPolicy | null, about: LinesAbout): ChartMark[] {
  if (policy === null) return [];
  const { section, city, batch, school } = about;
  const here = (line: { readonly region: string; readonly batch: string }) =>
    line.region === city && (batch === null || line.batch === batch);
  const named = (id: string) => {
    if (batch !== null) return '';
    return policy.batches.find(one => one.id === id)?.title ?? id;
  };
  const found = [
    ...policy.regionLines.filter(here).map(line => ({ ...line, whose: '区域分数线' })),
    ...policy.schoolLines
      .filter(line => line.school === school && here(line))
      .map(line => ({ ...line, whose: '院校分数线' })),
  ];
  return found
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, whose, batch: id }) => ({
      section,
      at: line,
      title: `${named(id)}${whose} ${formatHundredths(line)}`,
    }));
}

/** Where the places ran out: the lowest score that was sent. */
export function cutLine(section: string, lowest: number | null): ChartMark[] {
  if (lowest === null) return [];
  return [{ section, at: lowest, title: `投出最低分 ${formatHundredths(lowest)}` }];
}
