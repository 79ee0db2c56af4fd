/**
 * Faults, drawn from the seed: what is about to be done is first tried by a process that is killed
 * at a fail point or at any moment, that is paused, whose connection is cut, or whose answer is
 * lost. The season must end as without any of them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../db/connect.ts';
import type { Stream } from '../../db/sample/random.ts';
import type { FailPoint } from '../../jobs/run/fail-points.ts';
import { SeasonFailure } from './failure.ts';
import type { ChildTask } from './season-child.ts';
import type { Disturbance, RequestedAct, SeasonWorld } from './season-world.ts';

const CHILD = join(import.meta.dirname, 'season-child.ts');

const ACT_POINTS: readonly FailPoint[] = ['act-worked', 'act-recorded'];
const NIGHT_POINTS: readonly FailPoint[] = [
  'lock-held',
  'run-recorded',
  'step-begun',
  'step-worked',
  'step-recorded',
  'step-committed',
  'complete-worked',
  'complete-recorded',
  'complete-committed',
  'dispatch.decided',
  'dispatch.half-written',
  'dispatch.package-unwritten',
  'seal.unwritten',
];

/** Most days of a season have few acts, and no fault: the others have so many times their share. */
const DAYS_WITHOUT = 3;

/** A killed process's connections are gone when the server has noticed. */
const NOTICED_MAX_MS = 10_000;

export type FaultKind = 'kill-at-point' | 'kill' | 'pause' | 'disconnect' | 'answer-lost';

export class Faults implements Disturbance {
  readonly counts = new Map<FaultKind, number>();
  readonly #url: string;
  readonly #max: number;
  readonly #perAct: number;
  readonly #perNight: number;
  readonly #perDay: number;
  #serial = 0;
  #done = 0;
  #day = '';
  #today = 0;

  /**
   * @param max so many in all, spread by these chances, no more on one day than brings them in
   * @param days that are lived
   */
  constructor(url: string, max: number, days: number, perAct = 0.04, perNight = 0.08) {
    this.#url = url;
    this.#max = max;
    this.#perDay = Math.max(1, Math.ceil((max / Math.max(1, days)) * DAYS_WITHOUT));
    this.#perAct = perAct;
    this.#perNight = perNight;
  }

  get done(): number {
    return this.#done;
  }

  async beforeAct(world: SeasonWorld, act: RequestedAct): Promise<void> {
    const stream = this.#draw(world);
    if (this.#enough(world) || !stream.chance(this.#perAct)) return;
    const kinds: readonly FaultKind[] = [
      'kill-at-point',
      'kill',
      'pause',
      'disconnect',
      'answer-lost',
    ];
    const kind = kinds[stream.below(kinds.length)] as FaultKind;
    const point = ACT_POINTS[stream.below(ACT_POINTS.length)] as FailPoint;
    if (kind === 'disconnect') await this.#disconnected(world, () => world.perform(act), stream);
    else await this.#inChild(world, kind, stream, point, act);
    this.#count(kind);
  }

  async beforeNight(world: SeasonWorld): Promise<void> {
    const stream = this.#draw(world);
    if (this.#enough(world) || !stream.chance(this.#perNight)) return;
    const kinds: readonly FaultKind[] = ['kill-at-point', 'kill', 'pause'];
    const kind = kinds[stream.below(kinds.length)] as FaultKind;
    const point = NIGHT_POINTS[stream.below(NIGHT_POINTS.length)] as FailPoint;
    await this.#inChild(world, kind, stream, point);
    this.#count(kind);
  }

  /** How many of which kind. */
  said(): string {
    const kinds = [...this.counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
    return `${this.#done} faults: ${kinds}`;
  }

  #enough(world: SeasonWorld): boolean {
    if (this.#day !== world.day) {
      this.#day = world.day;
      this.#today = 0;
    }
    return this.#done >= this.#max || this.#today >= this.#perDay;
  }

  #draw(world: SeasonWorld): Stream {
    this.#serial += 1;
    return world.streamOf('fault', this.#serial);
  }

  #count(kind: FaultKind): void {
    this.#done += 1;
    this.#today += 1;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  async #inChild(
    world: SeasonWorld,
    kind: FaultKind,
    stream: Stream,
    point: FailPoint,
    act?: RequestedAct,
  ): Promise<void> {
    const { home, seed } = world;
    const instant = world.now.toISOString();
    const task: ChildTask = { url: this.#url, home, seed, instant, ...(act ? { act } : {}) };
    const variables = kind === 'kill-at-point' ? { ZHONGZHAO_FAIL_POINT: point } : {};
    const child = spawn(process.execPath, [CHILD, JSON.stringify(task)], {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', chunk => {
      errors = `${errors}${chunk}`.slice(-2000);
    });
    const ended = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), ended]);
    if (kind === 'kill') {
      await sleep(stream.below(60));
      child.kill('SIGKILL');
    }
    if (kind === 'pause') {
      await sleep(stream.below(60));
      child.kill('SIGSTOP');
      await sleep(200);
      child.kill('SIGCONT');
    }
    const [code, signal] = await ended;
    if (code !== 0 && signal !== 'SIGKILL') {
      throw new SeasonFailure(world, `the disturbed process failed (${kind}): ${errors}`, act);
    }
    await this.#noticed(world);
  }

  /** Its work is cut off in the middle; whether it was done is for the repeat to find out. */
  async #disconnected(
    world: SeasonWorld,
    work: () => Promise<unknown>,
    stream: Stream,
  ): Promise<void> {
    const other = connect(this.#url);
    try {
      const doing = work().catch(() => {});
      await sleep(stream.below(25));
      await other.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
           and backend_type = 'client backend'`,
      );
      await doing;
    } finally {
      await other.close();
    }
    await this.#noticed(world);
  }

  /** Waits until nobody of the dead holds anything. */
  async #noticed(world: SeasonWorld): Promise<void> {
    for (const deadline = Date.now() + NOTICED_MAX_MS; ; await sleep(20)) {
      const [row] = await world.query<{ busy: number }>(
        `select count(*)::integer as busy from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()
           and backend_type = 'client backend'
           and (state <> 'idle' or exists (select from pg_locks l
             where l.pid = pg_stat_activity.pid and l.locktype = 'advisory'))`,
      );
      if (row?.busy === 0) return;
      if (Date.now() > deadline) throw new SeasonFailure(world, 'a dead connection lives on');
    }
  }
}
