/**
 * A change of a city's overlay through the menu 投档控制: the YAML with the edit made, checked by
 * the loader as a folder's file would be. Pure: who may edit, and when, is for the job to say.
 */
import type { Problem } from '../problem.ts';
import { canonicalJson } from './canonical.ts';
import type { Knowledge } from './check-context.ts';
import { readDocument } from './document.ts';
import type { Json } from './json.ts';
import { loadPolicy, policyFromStored } from './load.ts';
import type { Author } from './overlay.ts';
import { OverlayDocument } from './overlay-document.ts';
import { applyEdit, type OverlayEdit } from './overlay-edits.ts';

export type { OverlayEdit } from './overlay-edits.ts';

export interface EditOptions {
  /** Stands beside the values that are changed; a city's own are `sample` unless said otherwise. */
  readonly basis?: string;
  /** Who edits; only the province marks a city as having its own system. */
  readonly author?: Author;
  /** Codes and subjects that the outcome is held against. */
  readonly knowledge?: Partial<Knowledge>;
}

/** A version of the overlay, ready to be stored; or every problem that stands against it. */
export type EditedOverlay =
  | {
      readonly ok: true;
      /** The YAML. */
      readonly document: string;
      /** SHA-256, hex, of `content`. */
      readonly hash: string;
      /** Canonical JSON. */
      readonly content: string;
      /** false: the content is what it was, and so is the hash; the document is as given. */
      readonly changed: boolean;
      readonly warnings: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Makes one edit.
 *
 * @param baseDocuments path → YAML, as a bundle's `base.documents` or `policy_bases.documents`
 * @param overlayText YAML, as `policy_overlays.document`; null: the city has none
 * @throws CodedError batch-by-kinds, base-entry, no-such-entry, overlay-list-cleared
 */
export function editOverlay(
  baseDocuments: Readonly<Record<string, string>>,
  city: string,
  overlayText: string | null,
  edit: OverlayEdit,
  { basis = 'sample', author = 'city', knowledge = {} }: EditOptions = {},
): EditedOverlay {
  const overlay = new OverlayDocument(overlayText, basis);
  const base = policyFromStored(baseDocuments, null);
  const before = overlayText === null ? base : policyFromStored(baseDocuments, overlayText);
  applyEdit({ city, overlay, base, before }, edit);
  const was = canonicalOf(overlayText);
  const text = overlay.toString();
  const unchanged = canonicalOf(text) === was;
  const file = `cities/${city}.yaml`;
  const files = new Map(Object.entries(baseDocuments));
  files.set(file, unchanged ? (overlayText ?? '{}\n') : text);
  // What the province has set in the overlay stays when the city edits something else.
  const by = edit.kind === 'own-system' ? author : 'province';
  const { bundle, problems } = loadPolicy(files, knowledge, by);
  const version = bundle?.overlays.get(city);
  const own = problems.filter(problem => problem.file === file);
  if (version === undefined) return { ok: false, problems: own.length > 0 ? own : problems };
  const { document, hash, content } = version;
  return { ok: true, document, hash, content, changed: !unchanged, warnings: own };
}

/** An overlay without content is `{}`, as its hash says. */
function canonicalOf(text: string | null): string {
  if (text === null) return '{}';
  return canonicalJson((readDocument('cities/', text).value as Json | undefined) ?? {});
}
