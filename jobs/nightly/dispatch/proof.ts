/**
 * What stands behind a run besides its result: the hash of its input, the data package that is kept
 * of it, the check of its result, and the hash of that. None of it decides anything, so a thread of
 * its own (proof-thread.ts) does it while the run goes on to decide and to write; the run commits
 * only once the answers are there. These are the functions themselves, on plain data.
 */
import { draftPackage, type PackageDraft, type WriteOptions } from '../../../db/package/write.ts';
import { type CheckReport, checkResult } from '../../../engine/dispatch/check.ts';
import { resultHash } from '../../../engine/dispatch/detail.ts';
import {
  InputHash,
  inputHash,
  type PackageFile,
  packageOfWorld,
} from '../../../engine/dispatch/package-of-world.ts';
import type { DispatchResult } from '../../../engine/dispatch/result.ts';
import type { World } from '../../../engine/dispatch/world.ts';
import type { Policy } from '../../../engine/policy/types.ts';

/** Where the package of the input is to be written, and with what description. */
export interface PackageOrder {
  /** Absolute. */
  readonly folder: string;
  readonly options: WriteOptions;
}

export interface InputProof {
  readonly inputHash: string;
  /** null: none was ordered, or it could not be written. */
  readonly draft: PackageDraft | null;
  /** Why it could not be written. The run does not depend on it: the package can be made again. */
  readonly draftError: unknown;
}

/**
 * One pass over the rows gives both the hash and the package.
 *
 * @param checkWanted called between chunks; throws where nobody waits for the answer any more
 */
export async function proveInput(
  world: World,
  order: PackageOrder | null,
  checkWanted: () => void = () => {},
): Promise<InputProof> {
  if (order === null) return { inputHash: inputHash(world), draft: null, draftError: null };
  const hash = new InputHash();
  const files = packageOfWorld(world).map(file => hashed(file, hash, checkWanted));
  try {
    const draft = await draftPackage(order.folder, files, order.options);
    return { inputHash: hash.digest(), draft, draftError: null };
  } catch (draftError) {
    checkWanted();
    return { inputHash: inputHash(world), draft: null, draftError };
  }
}

/** The same file, adding its bytes to the hash as they are asked for. */
function hashed(file: PackageFile, hash: InputHash, checkWanted: () => void): PackageFile {
  return {
    ...file,
    *rows() {
      hash.begin(file);
      for (const chunk of file.rows()) {
        checkWanted();
        hash.update(chunk);
        yield chunk;
      }
    },
  };
}

export interface ResultQuestion {
  readonly policy: Policy;
  readonly result: DispatchResult;
  /** 指定院校投档: the code of the only school. */
  readonly school?: string;
}

export interface ResultProof {
  readonly report: CheckReport;
  readonly resultHash: string;
}

/** Has the result checked by code that shares nothing with the placing, and hashes it. */
export function proveResult(world: World, question: ResultQuestion): ResultProof {
  const { policy, result, school } = question;
  return {
    report: checkResult(world, policy, result, school),
    resultHash: resultHash(world, result),
  };
}
