/** The properties of file-life.md that a season can break, in the order of their numbers. */
import type { Session } from '../../../db/connect.ts';
import { type Question, readTogether } from '../../../db/snapshot-readers.ts';
import type { Finding } from '../../run/job.ts';
import { effectOf } from '../audit/properties.ts';
import { ask, type Fault, sharedSql } from '../audit/property.ts';
import { seasonP01 } from './p01.ts';
import { seasonP02 } from './p02.ts';
import { seasonP07 } from './p07.ts';
import { seasonP08 } from './p08.ts';
import { seasonP09 } from './p09.ts';
import { seasonP10 } from './p10.ts';
import { seasonP11 } from './p11.ts';
import { seasonP12 } from './p12.ts';
import { seasonP13 } from './p13.ts';
import { seasonP15 } from './p15.ts';
import { seasonP16 } from './p16.ts';
import type { ManyCase, SeasonCase } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const SEASON_PROPERTIES: readonly SeasonProperty[] = [
  seasonP01,
  seasonP02,
  seasonP07,
  seasonP08,
  seasonP09,
  seasonP10,
  seasonP11,
  seasonP12,
  seasonP13,
  seasonP15,
  seasonP16,
];

/**
 * Recounts all of them over the case's city, or over the province.
 *
 * @param readers sessions of the case's moment that take part, beside its own
 */
export async function recountSeason(
  audit: SeasonCase,
  onProperty: (id: string) => Promise<void> = async () => {},
  readers: readonly Session[] = [],
): Promise<Finding[]> {
  const asked = SEASON_PROPERTIES.filter(property => saysOf(property, audit.city));
  const found = await readTogether(
    [audit.session, ...readers],
    asked.map(
      (property): Question<Finding[]> =>
        async session => {
          await onProperty(property.id);
          const faults = await faultsOf(property, { ...audit, session });
          return faults.map(fault => findingOf(audit, property, fault));
        },
    ),
  );
  return found.flat();
}

function saysOf({ province, questions, beside }: SeasonProperty, of: string): boolean {
  return of === '' ? province !== undefined : (questions ?? beside) !== undefined;
}

async function faultsOf(property: SeasonProperty, audit: SeasonCase): Promise<Fault[]> {
  if (audit.city === '') return (await property.province?.(audit)) ?? [];
  const asked = (await property.questions?.(audit)) ?? [];
  const shared = property.shared?.(audit) ?? null;
  return [...(await ask(audit, asked, shared)), ...((await property.beside?.city(audit)) ?? [])];
}

/**
 * Asks about many cities at once, and so plans each question once and not once for each: what is
 * asked about a few files takes longer to plan than to answer.
 *
 * @param readers sessions of the case's moment that take part, beside its own
 * @returns the cities with a fault; what it is, a recount of theirs tells
 */
export async function suspectCities(
  audit: ManyCase,
  readers: readonly Session[] = [],
): Promise<ReadonlySet<string>> {
  const found = await readTogether(
    [audit.session, ...readers],
    SEASON_PROPERTIES.map(
      (property): Question<readonly string[]> =>
        async session => {
          const own = { ...audit, session };
          return [
            ...(await suspectsOf(property, own)),
            ...((await property.beside?.suspects(own)) ?? []),
          ];
        },
    ),
  );
  return new Set(found.flat());
}

async function suspectsOf(property: SeasonProperty, audit: ManyCase): Promise<string[]> {
  const asked = (await property.questions?.(audit)) ?? [];
  if (asked.length === 0) return [];
  const faults = asked.map(({ sql }) => `exists (${sql})`).join(' or ');
  const shared = property.shared?.(audit);
  const wrong = shared === undefined ? faults : `(with ${sharedSql(shared)} select ${faults})`;
  const rows = await audit.session.query<{ city: string }>(
    `select here_.city from ${audit.here} where ${wrong}`,
    audit.given.values,
  );
  return rows.map(({ city }) => city);
}

/**
 * A fault as a finding. What it stops stands in findings.yaml; where a property stops schools and
 * none can be named, it stops the city. Never the province (file-life.md).
 */
function findingOf(audit: SeasonCase, property: SeasonProperty, fault: Fault): Finding {
  const { severity, stops } = effectOf(audit.policy, property.id, 'phase-1');
  const named = fault.schools.length > 0;
  const inCity = stops === 'schools' && !named ? 'city' : stops;
  return {
    property: property.id,
    severity,
    ...(audit.city === '' ? {} : { city: audit.city }),
    schools: fault.schools,
    stops: audit.city === '' ? 'nothing' : inCity,
    sentence: `${property.title}：${fault.sentence}`,
    rows: fault.rows.map(row => ({ fault: fault.fault, ...row })),
    rowCount: fault.rowCount,
  };
}
