/**
 * The properties of file-life.md that apply to a dispatch, and how a fault becomes a finding.
 * P9, P10, P12 and P15 speak of acts that this job does not see: of officers, moves and rosters.
 */
import type { Policy } from '../../../engine/policy/types.ts';
import type { Finding } from '../../run/job.ts';
import type { AuditCase } from './case.ts';
import { connectedSchools } from './connected.ts';
import { p01 } from './p01.ts';
import { p02 } from './p02.ts';
import { p03 } from './p03.ts';
import { p04 } from './p04.ts';
import { p05 } from './p05.ts';
import { p06 } from './p06.ts';
import { p07 } from './p07.ts';
import { p08 } from './p08.ts';
import { p11 } from './p11.ts';
import { p13 } from './p13.ts';
import { p14 } from './p14.ts';
import { p16 } from './p16.ts';
import type { Fault, Property } from './property.ts';

/** In the order in which findings are reported. */
export const PROPERTIES: readonly Property[] = [
  p01,
  p02,
  p03,
  p04,
  p05,
  p06,
  p07,
  p08,
  p11,
  p13,
  p14,
  p16,
];

/** Always stop a release, whatever findings.yaml says. */
const ALWAYS_STOP: ReadonlySet<string> = new Set(['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7']);

interface Effect {
  readonly severity: Finding['severity'];
  readonly stops: Finding['stops'];
}

/**
 * What a broken property does: P1–P7 stop at least the schools shown, the others what findings.yaml
 * says. A plan exceeded in phase 2 is reported and stops nothing (calendar rule 6).
 */
export function effectOf(policy: Policy, property: string, phase: string): Effect {
  const rule = policy.findings.find(each => each.property === property);
  if (property === 'P2' && phase !== 'phase-1') return { severity: 'warning', stops: 'nothing' };
  const stops = rule?.stops ?? 'nothing';
  if (!ALWAYS_STOP.has(property)) return { severity: rule?.severity ?? 'error', stops };
  return { severity: 'error', stops: stops === 'nothing' ? 'schools' : stops };
}

/** A fault as a finding; where no school can be named, it stops the whole city × batch. */
export async function findingOf(
  audit: AuditCase,
  property: Property,
  fault: Fault,
): Promise<Finding> {
  const { audited, policy, batch } = audit;
  const effect: Effect =
    fault.harmless === true
      ? { severity: 'warning', stops: 'nothing' }
      : effectOf(policy, property.id, batch.phase);
  const named = fault.schools.length > 0;
  const stops = effect.stops === 'schools' && !named ? 'city' : effect.stops;
  return {
    property: property.id,
    severity: effect.severity,
    city: audited.city,
    batch: audited.batch,
    aboutRun: audited.run,
    schools: stops === 'schools' ? await connectedSchools(audit, fault.schools) : fault.schools,
    stops,
    sentence: `${property.title}：${fault.sentence}`,
    rows: fault.rows.map(row => ({ fault: fault.fault, ...row })),
    rowCount: fault.rowCount,
  };
}
