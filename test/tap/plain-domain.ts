/**
 * Takes the place of tap's own `async-hook-domain` in test processes (preload.ts).
 *
 * That library follows every promise by an async hook, to know which test an error that nobody
 * caught came from: on code that awaits as much as ours, two fifths of a test's processor time.
 * Here the tests of a file run one after the other, so the error came from the one that runs.
 * It is failed by name, as before, and the tests after it still run; once no test is left, an
 * error ends the process, as anywhere else.
 */
import process from 'node:process';

type OnError = (error: unknown, type: NodeJS.UncaughtExceptionOrigin) => void;

/** What is asked here of tap's tests. */
export interface FollowedTest {
  readonly hookDomain: { readonly onerror: OnError };
  on(event: 'subtestStart' | 'subtestEnd', told: (test: FollowedTest) => void): unknown;
}

/** The tests that run now: the file's root, and inwards from it. */
const running: FollowedTest[] = [];
let living = 0;

/** As the library's: tap makes one for every test and destroys it at its end. */
export class Domain {
  readonly onerror: OnError;
  #destroyed = false;

  constructor(onerror: OnError) {
    this.onerror = onerror;
    living += 1;
    if (living === 1) process.on('uncaughtException', failRunning);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    living -= 1;
    if (living === 0) process.removeListener('uncaughtException', failRunning);
  }
}

/** Keeps account of which test runs, from the root of a file on. */
export function follow(test: FollowedTest): void {
  if (running.length === 0) running.push(test);
  test.on('subtestStart', inside => {
    running.push(inside);
    follow(inside);
  });
  test.on('subtestEnd', inside => {
    // One that an error has ended may be told of after the next one has begun.
    if (running.includes(inside)) running.splice(running.indexOf(inside), 1);
  });
}

/** A rejection that nobody handles comes here too, unless the process listens for those. */
function failRunning(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void {
  const test = running.at(-1);
  if (test === undefined) throw error;
  test.hookDomain.onerror(error, origin);
}
