/** Day by day through a season: who does what, and when. */
import { DailyCheck } from './check.ts';
import { decideLists, nextRounds, releaseLists, reviewLists } from './dispatch-days.ts';
import { byHand, dailyReports, rosters, talk } from './office-days.ts';
import { approveOwnSystem, ownSystemCity, sendSnapshot } from './own-system.ts';
import { type People, readPeople } from './people.ts';
import { applyForPlaces, reviewApplications } from './plan-days.ts';
import { declareRelatives, setSchedules, signSettings } from './preparation.ts';
import { enterFromPool, reviewEntries, supplementPeople } from './recruitment-days.ts';
import {
  changeRegistered,
  readmit,
  registerArrivals,
  reopen,
  withdrawAndTransfer,
} from './registration-days.ts';
import type { SeasonWorld } from './season-world.ts';
import { confirmAlone, trespass } from './trespassers.ts';

export interface Life {
  /** Both included. */
  readonly from: string;
  readonly to: string;
  /** Attempts of trespassers per day. */
  readonly attempts: number;
  readonly onDay?: (day: string) => void;
}

/** What people do on a day of these dates; both included. */
interface Habit {
  readonly from: string;
  readonly to: string;
  readonly clock: string;
  readonly does: (world: SeasonWorld, people: People) => Promise<void>;
}

const HABITS: readonly Habit[] = [
  { from: '07-01', to: '07-29', clock: '08:30', does: declareRelatives },
  { from: '07-11', to: '07-11', clock: '08:50', does: approveOwnSystem },
  { from: '07-12', to: '07-19', clock: '09:00', does: signSettings },
  { from: '07-16', to: '07-19', clock: '09:30', does: setSchedules },
  { from: '07-21', to: '07-29', clock: '08:40', does: releaseLists },
  { from: '07-16', to: '07-29', clock: '10:00', does: applyForPlaces },
  { from: '07-21', to: '07-29', clock: '11:00', does: decideLists },
  { from: '07-21', to: '08-01', clock: '14:00', does: reviewLists },
  { from: '07-16', to: '11-15', clock: '15:00', does: reviewApplications },
  { from: '07-23', to: '07-30', clock: '16:00', does: nextRounds },
  { from: '07-30', to: '11-12', clock: '10:30', does: withdrawAndTransfer },
  { from: '08-10', to: '11-07', clock: '09:10', does: registerArrivals },
  { from: '08-31', to: '08-31', clock: '10:00', does: reopen },
  { from: '08-15', to: '11-06', clock: '13:00', does: changeRegistered },
  { from: '08-20', to: '11-10', clock: '13:30', does: readmit },
  { from: '08-20', to: '11-07', clock: '14:30', does: entries },
  { from: '08-20', to: '11-10', clock: '16:30', does: reviewEntries },
  { from: '07-21', to: '11-07', clock: '13:40', does: byHand },
  { from: '07-20', to: '11-07', clock: '16:40', does: sendSnapshot },
  { from: '09-05', to: '09-09', clock: '16:45', does: rosters },
  { from: '11-07', to: '11-11', clock: '16:45', does: rosters },
  { from: '07-21', to: '11-07', clock: '16:50', does: dailyReports },
  { from: '07-01', to: '11-15', clock: '16:55', does: talk },
];

/** What a life leaves for the report. */
export interface Lived {
  /** How often a city, or the province, was checked. */
  readonly checks: number;
  /** Milliseconds by what was done. */
  readonly spent: ReadonlyMap<string, number>;
}

/** @throws SeasonFailure */
export async function live(world: SeasonWorld, life: Life): Promise<Lived> {
  const people = await readPeople(world);
  const check = new DailyCheck();
  const spent = new Map<string, number>();
  const timed = async (what: string, work: Promise<void>) => {
    const begun = performance.now();
    await work;
    spent.set(what, (spent.get(what) ?? 0) + performance.now() - begun);
  };
  for (const day of daysBetween(life.from, life.to)) {
    await timed('nights', world.night(`${day}T00:10`));
    for (const { from, to, clock, does } of HABITS.toSorted(byClock)) {
      const date = day.slice(5);
      if (date < from || date > to) continue;
      world.at = `${day}T${clock}`;
      await timed(does.name, does(world, people));
    }
    world.at = `${day}T17:00`;
    await timed('trespass', trespass(world, people, life.attempts));
    await timed('trespass', confirmAlone(world));
    // Between the two only the cut-off of snapshots is due.
    if (ownSystemCity(people) !== null) await timed('nights', world.night(`${day}T18:05`));
    await timed('nights', world.night(`${day}T21:00`));
    await timed('daily check', check.of(world));
    life.onDay?.(day);
  }
  return { checks: check.checks, spent };
}

function byClock(a: Habit, b: Habit): number {
  return a.clock < b.clock ? -1 : a.clock > b.clock ? 1 : 0;
}

async function entries(world: SeasonWorld, people: People): Promise<void> {
  await enterFromPool(world, people, Math.ceil(people.cities.length * 1.5));
  await supplementPeople(world, people, Math.ceil(people.cities.length / 8));
}

export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(`${from}T00:00:00Z`); at <= Date.parse(`${to}T00:00:00Z`); ) {
    days.push(new Date(at).toISOString().slice(0, 10));
    at += 24 * 3_600_000;
  }
  return days;
}
