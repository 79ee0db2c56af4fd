/**
 * The thread that proves runs (proof.ts). It answers questions about several runs at once: a long
 * package is written chunk by chunk, and whoever waits to commit is answered in between.
 */
import { parentPort } from 'node:worker_threads';
import type { World } from '../../../engine/dispatch/world.ts';
import { proveInput, proveResult } from './proof.ts';
import { type FromThread, faultOf, type ToThread } from './proof-messages.ts';

const worlds = new Map<number, World>();

function say(message: FromThread): void {
  parentPort?.postMessage(message);
}

async function input(message: ToThread & { kind: 'input' }): Promise<void> {
  const { proof, world, order } = message;
  worlds.set(proof, world);
  const begun = performance.now();
  try {
    const { draftError, ...answer } = await proveInput(world, order, () => {
      if (!worlds.has(proof)) throw new Error('closed');
    });
    const milliseconds = performance.now() - begun;
    const draftFault = draftError === null ? null : faultOf(draftError);
    say({ kind: 'input', proof, answer: { ...answer, draftFault, milliseconds } });
  } catch (error) {
    say({ kind: 'fault', about: 'input', proof, fault: faultOf(error) });
  }
}

function result({ proof, question }: ToThread & { kind: 'result' }): void {
  const begun = performance.now();
  try {
    const found = proveResult(worlds.get(proof) as World, question);
    const milliseconds = performance.now() - begun;
    say({ kind: 'result', proof, answer: { ...found, milliseconds } });
  } catch (error) {
    say({ kind: 'fault', about: 'result', proof, fault: faultOf(error) });
  }
}

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'input') void input(message);
  else if (message.kind === 'result') result(message);
  else worlds.delete(message.proof);
});
