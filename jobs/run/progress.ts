/** Progress on a terminal, and nothing anywhere else: a log or a pipe wants facts, not bars. */
import process from 'node:process';
import cliProgress, { type SingleBar } from 'cli-progress';

/** How often the bar is drawn at most; drawing costs more than the work it shows. */
const DRAWS_PER_SECOND = 8;

export interface Progress {
  /** Says what is going on: shown before the bar, for instance a city's name. */
  title(text: string): void;
  report(stage: string, done: number, total: number): void;
  /** Removes the bar. */
  end(): void;
}

export const SILENT: Progress = { title: () => {}, report: () => {}, end: () => {} };

/** A bar on stderr where that is a terminal, else nothing. */
export function openProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return SILENT;
  let bar: SingleBar | undefined;
  let title = '';
  let shown = '';
  const end = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    title: text => {
      title = text;
    },
    report: (stage, done, total) => {
      if (bar === undefined || shown !== stage) {
        end();
        shown = stage;
        bar = new cliProgress.SingleBar({
          format: '{title} {stage} {bar} {percentage}%',
          barsize: 30,
          stream,
          fps: DRAWS_PER_SECOND,
          clearOnComplete: true,
          hideCursor: true,
          barCompleteChar: '█',
          barIncompleteChar: '░',
        });
        bar.start(Math.max(1, total), done, { title, stage });
        return;
      }
      bar.setTotal(Math.max(1, total));
      bar.update(done, { title, stage });
    },
    end,
  };
}
