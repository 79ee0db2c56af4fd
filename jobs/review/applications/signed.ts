/** The signed request of candidate and parent: its scan's hash, and where the paper lies. */
import { INPUT } from '../../act/input.ts';

export interface SignedInput {
  readonly request_hash?: string;
  readonly request_reference?: string;
}

/** Both optional in the form: whether an application must be signed is a rule's to say. */
export const SIGNED_INPUT = {
  request_hash: INPUT.request_hash,
  request_reference: INPUT.request_reference,
} as const;

export function isSigned({ request_hash: hash, request_reference: reference }: SignedInput) {
  return hash !== undefined && reference !== undefined;
}

export function requestOf({ request_hash: hash, request_reference: reference }: SignedInput) {
  return { requestHash: hash, requestReference: reference };
}

/** The same of an application that stands. */
export function wasSigned(application: {
  readonly requestHash: string | null;
  readonly requestReference: string | null;
}): boolean {
  return application.requestHash !== null && application.requestReference !== null;
}
