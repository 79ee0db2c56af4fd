/** Day by day through a season: who does what, and when. */
import { DailyCheck } from './check.ts';
import { decideLists, nextRounds, releaseLists, reviewLists } from './dispatch-days.ts';
import { importSeniorHigh, releaseSeniorHigh, sendChoices } from './inbox-days.ts';
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
  /** A day's check may go on from the last one (check.ts); everything is recounted unless told. */
  readonly goOn?: boolean;
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
  { from: '07-14', to: '07-14', clock: '17:30', does: importSeniorHigh },
  { from: '07-18', to: '07-18', clock: '17:30', does: importSeniorHigh },
  { from: '08-03', to: '08-03', clock: '17:30', does: importSeniorHigh },
  { from: '07-30', to: '08-18', clock: '10:10', does: releaseSeniorHigh },
  { from: '07-21', to: '07-29', clock: '08:40', does: releaseLists },
  { from: '07-16', to: '07-29', clock: '10:00', does: applyForPlaces },
  { from: '07-21', to: '07-29', clock: '11:00', does: decideLists },
  { from: '07-21', to: '08-01', clock: '14:00', does: reviewLists },
  { from: '07-16', to: '11-15', clock: '15:00', does: reviewApplications },
  { from: '07-23', to: '07-30', clock: '16:00', does: nextRounds },
  { from: '07-23', to: '07-29', clock: '17:40', does: sendChoices },
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

/** The spring: the same procedure as phase 2. */
const SPRING_HABITS: readonly Habit[] = [
  { from: '03-06', to: '03-20', clock: '09:10', does: registerArrivals },
  { from: '03-08', to: '03-20', clock: '13:00', does: changeRegistered },
  { from: '03-08', to: '03-22', clock: '13:30', does: readmit },
  { from: '03-05', to: '03-17', clock: '14:30', does: entries },
  { from: '03-05', to: '03-22', clock: '15:00', does: reviewApplications },
  { from: '03-06', to: '03-20', clock: '16:30', does: reviewEntries },
  { from: '03-06', to: '03-17', clock: '16:50', does: dailyReports },
  { from: '03-05', to: '03-24', clock: '16:55', does: talk },
];

/** What a life leaves for the report. */
export interface Lived {
  /** How often a city, or the province, was checked. */
  checks: number;
  /** Milliseconds by what was done. */
  readonly spent: Map<string, number>;
}

/**
 * @param lived counts on from it
 * @throws SeasonFailure
 */
export async function live(
  world: SeasonWorld,
  life: Life,
  lived: Lived = { checks: 0, spent: new Map() },
): Promise<Lived> {
  const people = await readPeople(world);
  const check = new DailyCheck({ goOn: life.goOn === true });
  const { spent } = lived;
  const timed = async (what: string, work: Promise<void>) => {
    const begun = performance.now();
    await work;
    spent.set(what, (spent.get(what) ?? 0) + performance.now() - begun);
  };
  for (const day of daysBetween(life.from, life.to)) {
    await timed('nights', world.night(`${day}T00:10`));
    const habits = day < '2017-01-01' ? HABITS : SPRING_HABITS;
    for (const { from, to, clock, does } of habits.toSorted(byClock)) {
      const date = day.slice(5);
      if (date < from || date > to) continue;
      world.at = `${day}T${clock}`;
      await timed(does.name, does(world, people));
    }
    world.at = `${day}T17:45`;
    await timed('trespass', trespass(world, people, life.attempts));
    await timed('trespass', confirmAlone(world));
    // Between the two only the cut-off of snapshots is due.
    if (ownSystemCity(people) !== null) await timed('nights', world.night(`${day}T18:05`));
    await timed('nights', world.night(`${day}T21:00`));
    await timed('daily check', check.of(world));
    life.onDay?.(day);
  }
  lived.checks += check.checks;
  return lived;
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
