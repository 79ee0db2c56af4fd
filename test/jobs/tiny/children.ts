/** Starts the tiny program and reads what it says; kills what a test leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';

const PROGRAM = join(import.meta.dirname, 'process.ts');

export interface Child {
  readonly process: ChildProcess;
  /** Every line it has said so far. */
  readonly lines: Record<string, unknown>[];
  /** The next line that has a key; waits for it. */
  said(key: string): Promise<Record<string, unknown>>;
  /** Waits for the end: exit code, or the signal's name. */
  ended(): Promise<number | string>;
}

export function child(
  t: Pick<Test, 'teardown'>,
  parameters: readonly string[],
  variables: Record<string, string> = {},
): Child {
  const started = spawn(process.execPath, [PROGRAM, ...parameters], {
    env: { ...process.env, NODE_OPTIONS: '', ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => {
    started.kill('SIGCONT');
    started.kill('SIGKILL');
  });
  const lines: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  const reader = createInterface({ input: started.stdout as NodeJS.ReadableStream });
  reader.on('line', line => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
    for (const wake of waiting.splice(0)) wake();
  });
  const end = Promise.all([once(started, 'exit'), once(reader, 'close')]);
  return {
    process: started,
    lines,
    said: async key => {
      for (;;) {
        const found = lines.find(line => key in line);
        if (found !== undefined) return found;
        await Promise.race([new Promise<void>(wake => waiting.push(wake)), end.then(gone(key))]);
      }
    },
    ended: async () => {
      const [[code, signal]] = await end;
      return (code as number | null) ?? (signal as string);
    },
  };
}

function gone(key: string): () => never {
  return () => {
    throw new Error(`the process ended without saying ${key}`);
  };
}
