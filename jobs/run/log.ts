/**
 * The log: one line of JSON per fact, the run's number in each, into `log/DATE.jsonl` of the home
 * folder. Names and identity numbers (身份证号) never reach it, whatever a caller passes:
 * - only the fields of one list get through;
 * - texts are plain ASCII, so no Chinese name; 15 digits or more in a row are struck out;
 * - of an error only its code, its class and the places in our own files are written: messages
 *   of PostgreSQL quote the row at fault.
 * A list of forbidden fields was turned down: it forgets the field that is added next year.
 */
import { join } from 'node:path';
import { type DestinationStream, destination, type Logger, multistream, pino } from 'pino';

const FIELDS = new Set([
  'run',
  'job',
  'identity',
  'scope',
  'season',
  'businessDate',
  'attempt',
  'step',
  'state',
  'city',
  'batch',
  'round',
  'school',
  'edition',
  'actor',
  'host',
  'fence',
  'code',
  'property',
  'severity',
  'count',
  'counts',
  'findings',
  'faults',
  'elapsedMs',
  'stagesMs',
  'threadMs',
  'inputHash',
  'resultHash',
  'policy',
  'file',
  'worker',
  'cron',
  'err',
]);

const TEXT_MAX_CHARACTERS = 300;
const DEPTH_MAX = 3;

/** The file of a day, below the home folder. */
export function logFile(home: string, date: string): string {
  return join(home, 'log', `${date}.jsonl`);
}

/**
 * Opens the log.
 *
 * @param options.file where the lines go; made with its folder. Written through at once, so that
 *   a killed process leaves its last line.
 * @param options.stream for tests, instead of a file
 * @param options.stderr shows the lines there too
 * @param options.now the clock of the run
 */
export function openLog(options: {
  file?: string;
  stream?: DestinationStream;
  stderr?: boolean;
  now(): Date;
}): Logger {
  const streams: { stream: DestinationStream }[] = [];
  if (options.file !== undefined) {
    streams.push({ stream: destination({ dest: options.file, mkdir: true, sync: true }) });
  }
  if (options.stream !== undefined) streams.push({ stream: options.stream });
  if (options.stderr) streams.push({ stream: destination({ dest: 2, sync: true }) });
  const log = pino(
    {
      base: null,
      timestamp: () => `,"time":"${options.now().toISOString()}"`,
      formatters: {
        level: label => ({ level: label }),
        log: object => allowed(object),
      },
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(parameters, method) {
          method.apply(this, factAndMessage(parameters) as Parameters<typeof method>);
        },
      },
    },
    multistream(streams),
  );
  // pino passes a child's fields by its formatters; children inherit this method.
  const { child } = log;
  log.child = function (this: Logger, bindings: object, options?: object) {
    return child.call(this, allowed(bindings), options);
  } as typeof child;
  return log;
}

/**
 * One object and one text, whatever was passed: values for placeholders in the text are dropped,
 * since they would be written as they are.
 */
function factAndMessage(parameters: readonly unknown[]): [object, string] {
  const [first, second] = parameters;
  const text = [first, second].find(parameter => typeof parameter === 'string') ?? '';
  const object = typeof first === 'object' && first !== null ? first : {};
  return [object instanceof Error ? { err: object } : object, plainText(text)];
}

/** What of an object may be written. */
export function allowed(object: object, depth = 0): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    if (depth === 0 && !FIELDS.has(key)) continue;
    const clean = key === 'err' ? plainError(value) : plainValue(value, depth);
    if (clean !== undefined) out[plainText(key)] = clean;
  }
  return out;
}

function plainValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return plainText(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object' || Array.isArray(value) || depth >= DEPTH_MAX) return undefined;
  return allowed(value, depth + 1);
}

function plainText(text: string): string {
  const ascii = text.slice(0, TEXT_MAX_CHARACTERS).replace(/[^\x20-\x7e]/g, '?');
  return /^[0-9a-f]{64}$/.test(ascii) ? ascii : ascii.replace(/\d{15,}[Xx]?/g, '[struck out]');
}

function plainError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { class: typeof error };
  const code = (error as { code?: unknown }).code;
  const frames = (error.stack ?? '')
    .split('\n')
    .map(line => /at (?:async )?([\w.#<> ]*)\(?.*?\/((?:jobs|db|engine|reports)\/[^)]*)/.exec(line))
    .filter(match => match !== null)
    .map(match => plainText(`${(match[1] ?? '').trim()} ${match[2]}`.trim()));
  return {
    class: plainText(error.name),
    code: typeof code === 'string' ? plainText(code) : undefined,
    at: frames.slice(0, 8).join(' < '),
  };
}
