/**
 * The run's side of the thread that proves it. The thread is one for the process, started by the
 * first run and kept for the next: starting it costs more than proving a small city. It gets a copy
 * of the world, some ten megabytes for a city of fifty thousand; memory shared with it was turned
 * down, since the engine would have to know of it.
 *
 * A thread that dies – out of memory, say – takes no run's data with it: whoever waits for its
 * answer fails before the commit, with a code, and the next run starts another thread.
 */
import { Worker } from 'node:worker_threads';
import { discardDraft, draftPath, placeDraft } from '../../../db/package/write.ts';
import { requireClean } from '../../../engine/dispatch/check.ts';
import type { World } from '../../../engine/dispatch/world.ts';
import { fail } from './errors.ts';
import type { PackageOrder, ResultQuestion } from './proof.ts';
import {
  errorOf,
  type FromThread,
  handedOver,
  type InputAnswer,
  type ResultAnswer,
  type ToThread,
} from './proof-messages.ts';

type Answers = {
  readonly input: PromiseWithResolvers<InputAnswer>;
  readonly result: PromiseWithResolvers<ResultAnswer>;
};

/** One for the process, while it lives. */
let living: ProofThread | null = null;

class ProofThread {
  readonly #worker = new Worker(new URL('proof-worker.ts', import.meta.url), { execArgv: [] });
  readonly #waiting = new Map<number, Answers>();
  #proofs = 0;

  constructor() {
    this.#worker.on('message', (message: FromThread) => this.#answer(message));
    this.#worker.on('error', cause => this.#lost(cause));
    this.#worker.on('exit', () => this.#lost(undefined));
  }

  open(world: World, order: PackageOrder | null): { proof: number; answers: Answers } {
    this.#proofs += 1;
    const answers: Answers = { input: Promise.withResolvers(), result: Promise.withResolvers() };
    // Each is awaited where it is of use; until then a failure must not count as unhandled.
    answers.input.promise.catch(() => {});
    answers.result.promise.catch(() => {});
    this.#waiting.set(this.#proofs, answers);
    // The process must not end while somebody waits, nor be kept alive when nobody does.
    this.#worker.ref();
    const { world: copy, given } = handedOver(world);
    this.post({ kind: 'input', proof: this.#proofs, world: copy, order }, given);
    return { proof: this.#proofs, answers };
  }

  post(message: ToThread, given: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, given);
  }

  /** Stops what is being done for a proof, and waits until it has stopped. */
  async close(proof: number): Promise<void> {
    this.post({ kind: 'close', proof });
    await this.#waiting.get(proof)?.input.promise.catch(() => {});
    this.#waiting.delete(proof);
    if (this.#waiting.size === 0) this.#worker.unref();
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer(message: FromThread): void {
    const answers = this.#waiting.get(message.proof);
    if (message.kind === 'input') answers?.input.resolve(message.answer);
    else if (message.kind === 'result') answers?.result.resolve(message.answer);
    else answers?.[message.about].reject(errorOf(message.fault));
  }

  #lost(cause: unknown): void {
    if (living === this) living = null;
    const error = fail('proof-thread-lost', {}, { cause });
    for (const { input, result } of this.#waiting.values()) {
      input.reject(error);
      result.reject(error);
    }
  }
}

/** Ends the thread, if there is one. Runs that wait for it fail; the next one starts another. */
export async function endProofThread(): Promise<void> {
  await living?.end();
}

/** The proof of one run: opened when its input is read, closed when the run is over. */
export class Proof {
  readonly #thread: ProofThread;
  readonly #proof: number;
  readonly #answers: Answers;
  readonly #order: PackageOrder | null;
  #kept = false;

  /** @param order the package to write; null: none is kept */
  constructor(world: World, order: PackageOrder | null) {
    living ??= new ProofThread();
    this.#thread = living;
    const { proof, answers } = this.#thread.open(world, order);
    this.#proof = proof;
    this.#answers = answers;
    this.#order = order;
  }

  /** Hands the result over; `passed` has the answer. */
  ask(question: ResultQuestion): void {
    this.#thread.post({ kind: 'result', proof: this.#proof, question });
  }

  /**
   * The hashes, once the result has passed its check.
   *
   * @throws check-failed, proof-thread-lost
   */
  async passed(): Promise<{ inputHash: string; resultHash: string }> {
    const { report, resultHash } = await this.#answers.result.promise;
    requireClean(report);
    const { inputHash } = await this.#answers.input.promise;
    return { inputHash, resultHash };
  }

  /** Why the result may not be written; null: nothing is wrong with it, or nobody knows. */
  refusal(): Promise<unknown> {
    return this.#answers.result.promise.then(
      ({ report }) => {
        try {
          requireClean(report);
          return null;
        } catch (error) {
          return error;
        }
      },
      () => null,
    );
  }

  /** How long the thread took for each part, in milliseconds. */
  async took(): Promise<{ input: number; result: number }> {
    const { input, result } = this.#answers;
    const parts = await Promise.all([input.promise, result.promise]);
    const [ofInput, ofResult] = parts.map(part => Math.round(part.milliseconds));
    return { input: ofInput as number, result: ofResult as number };
  }

  /** Makes the package of the input appear. @throws what its writing has met */
  async keep(): Promise<void> {
    const { draft, draftFault } = await this.#answers.input.promise;
    if (draftFault !== null) throw errorOf(draftFault);
    if (draft === null) return;
    this.#kept = true;
    await placeDraft(draft);
  }

  /** Lets go of everything; a package that was not kept is thrown away. */
  async close(): Promise<void> {
    await this.#thread.close(this.#proof);
    if (this.#order === null || this.#kept) return;
    // What can't be thrown away now, the next attempt finds (discardLostDrafts).
    await discardDraft(draftPath(this.#order.folder)).catch(() => {});
  }
}
