/** What the run and the thread that proves it say to each other; data that can be cloned. */
import type { PackageDraft } from '../../../db/package/write.ts';
import type { ByteColumn, Candidates, Choices, World } from '../../../engine/dispatch/world.ts';
import { CodedError, type ErrorDetail, type ErrorKind } from '../../../engine/errors.ts';
import type { PackageOrder, ResultProof, ResultQuestion } from './proof.ts';

export type ToThread =
  | {
      readonly kind: 'input';
      readonly proof: number;
      readonly world: World;
      readonly order: PackageOrder | null;
    }
  | { readonly kind: 'result'; readonly proof: number; readonly question: ResultQuestion }
  | { readonly kind: 'close'; readonly proof: number };

/** Milliseconds of work, for the log. */
export interface Took {
  readonly milliseconds: number;
}

export interface InputAnswer extends Took {
  readonly inputHash: string;
  readonly draft: PackageDraft | null;
  readonly draftFault: Fault | null;
}

export type ResultAnswer = ResultProof & Took;

export type FromThread =
  | { readonly kind: 'input'; readonly proof: number; readonly answer: InputAnswer }
  | { readonly kind: 'result'; readonly proof: number; readonly answer: ResultAnswer }
  | {
      readonly kind: 'fault';
      readonly about: 'input' | 'result';
      readonly proof: number;
      readonly fault: Fault;
    };

/** An error as data: a clone of one loses its class and its code. */
export interface Fault {
  readonly message: string;
  readonly code: string | undefined;
  readonly coded: { readonly kind: ErrorKind; readonly detail: ErrorDetail } | null;
}

export function faultOf(error: unknown): Fault {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | null)?.code;
  if (!(error instanceof CodedError)) {
    return { message, code: typeof code === 'string' ? code : undefined, coded: null };
  }
  const { advice, detail } = error;
  const exitCode = error.exitCode as ErrorKind['exitCode'];
  return {
    message,
    code: error.code,
    coded: { kind: { sentence: message, advice, exitCode }, detail },
  };
}

export function errorOf({ message, code, coded }: Fault): Error {
  if (coded !== null && code !== undefined) return new CodedError(code, coded.kind, coded.detail);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

/**
 * The world as it is handed over. A clone copies the whole memory behind a column, and the columns
 * of a builder have room to grow: those are copied here as far as they are filled, and given away.
 */
export function handedOver(world: World): { world: World; given: ArrayBuffer[] } {
  const given: ArrayBuffer[] = [];
  const tight = <T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(column: T): T => {
    if (column.byteLength === column.buffer.byteLength) return column;
    const copy = column.slice() as T & { buffer: ArrayBuffer };
    given.push(copy.buffer);
    return copy;
  };
  const bytes = ({ bytes, start }: ByteColumn): ByteColumn => ({
    bytes: tight(bytes),
    start: tight(start),
  });
  const candidates: Candidates = { ...world.candidates, number: bytes(world.candidates.number) };
  const { choices } = world;
  const tightChoices: Choices = {
    ...choices,
    ordinal: tight(choices.ordinal),
    school: tight(choices.school),
    adjustment: tight(choices.adjustment),
    majors: bytes(choices.majors),
  };
  return { world: { ...world, candidates, choices: tightChoices }, given };
}
