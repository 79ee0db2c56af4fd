/**
 * A city's overlay as a YAML document that is changed in place, so that what people wrote into it –
 * comments, blank lines, the order of entries – survives an edit made through a menu.
 */
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseDocument,
  Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import { canonicalJson } from './canonical.ts';
import { fail } from './errors.ts';
import type { Json, JsonObject } from './json.ts';

/** What names an entry: `{ region: "440100", batch: vocational }`. */
export type Identity = Readonly<Record<string, string>>;
/** A key path below an entry, and its new value; undefined: left as it is. */
export type Change = readonly [path: readonly string[], value: Json | undefined];

/** Outside quotes the loader takes these for slips. */
const FULL_WIDTH = /[\uFF1A\uFF10-\uFF19\u3000\u00A0]/;

export class OverlayDocument {
  readonly #document: Document<Node>;
  readonly #basis: string;

  /**
   * @param text YAML that the loader accepts; null: the city has set nothing yet
   * @param basis stands beside every value that is changed
   */
  constructor(text: string | null, basis: string) {
    this.#document = parseDocument<ParsedNode>(text ?? '', {
      version: '1.2',
      schema: 'core',
      stringKeys: true,
    }) as unknown as Document<Node>;
    this.#basis = basis;
  }

  toString(): string {
    const { contents } = this.#document;
    if (contents === null || (isMap(contents) && contents.items.length === 0)) {
      return '{}\n';
    }
    return this.#document.toString({ lineWidth: 0, flowCollectionPadding: true });
  }

  hasEntry(document: string, list: string, identity: Identity): boolean {
    return this.#find(document, list, identity) !== undefined;
  }

  /**
   * Changes keys of an entry, which is made where the city has none. Where nothing changes, not
   * even the basis does.
   */
  setEntry(document: string, list: string, identity: Identity, changes: readonly Change[]): void {
    const given = changes.filter(([, value]) => value !== undefined) as [string[], Json][];
    if (given.length === 0) return;
    const known = this.#find(document, list, identity);
    const entry = known ?? this.#node(identity);
    if (!isMap(entry)) return;
    let changed = known === undefined;
    for (const [path, value] of given) changed = this.#setIn(entry, path, value) || changed;
    if (!changed) return;
    this.#setIn(entry, ['basis'], this.#basis);
    if (known !== undefined) return;
    entry.flow = given.every(([path, value]) => path.length === 1 && typeof value !== 'object');
    this.#list(document, list).add(entry);
  }

  /** Puts a whole entry in the place of the one with its id, or at the end. */
  putEntry(document: string, list: string, value: JsonObject): void {
    const entry = { ...value, basis: value['basis'] ?? this.#basis };
    const id = String(value['id']);
    const known = this.#find(document, list, { id });
    if (known === undefined) {
      this.#list(document, list).add(this.#node(entry));
      return;
    }
    if (canonicalJson(known.toJSON() as Json) === canonicalJson(entry)) return;
    const items = this.#list(document, list).items;
    items[items.indexOf(known)] = this.#instead(known, entry);
  }

  /** @returns false: the city has no such entry */
  removeEntry(document: string, list: string, identity: Identity): boolean {
    const known = this.#find(document, list, identity);
    if (known === undefined) return false;
    const items = this.#list(document, list).items;
    items.splice(items.indexOf(known), 1);
    if (items.length === 0) this.#document.deleteIn([document, list]);
    const part = this.#document.getIn([document]);
    if (isMap(part) && part.items.length === 0) this.#document.delete(document);
    return true;
  }

  /** Takes a key of an entry away, where the city has it. */
  deleteIn(document: string, list: string, identity: Identity, path: readonly string[]): void {
    const entry = this.#find(document, list, identity);
    if (entry?.hasIn(path)) entry.deleteIn(path);
  }

  /** The mark of a city with its own system. */
  setOwnSystem(approved: boolean): void {
    const value = { approved, basis: this.#basis };
    const root = this.#root();
    const known = root.get('own-system', true) as Node | undefined;
    if (isMap(known) && known.get('approved') === approved) return;
    root.set('own-system', known === undefined ? this.#node(value) : this.#instead(known, value));
  }

  #root(): YAMLMap {
    const { contents } = this.#document;
    if (isMap(contents) && !(contents.flow && contents.items.length === 0)) return contents;
    const root = new YAMLMap();
    if (contents !== null) root.commentBefore = contents.commentBefore ?? null;
    this.#document.contents = root;
    return root;
  }

  /** @throws CodedError overlay-list-cleared where a null there clears what the province says */
  #list(document: string, list: string): YAMLSeq {
    const root = this.#root();
    let part = root.get(document, true) as Node | undefined;
    if (!isMap(part)) {
      if (part !== undefined && isScalar(part) && part.value !== null) throw cleared(document);
      part = new YAMLMap();
      root.set(document, part);
    }
    const map = part as YAMLMap;
    const known = map.get(list, true);
    if (isSeq(known)) return known;
    if (known !== undefined) throw cleared(`${document}.${list}`);
    const made = new YAMLSeq();
    map.set(list, made);
    return made;
  }

  #find(document: string, list: string, identity: Identity): YAMLMap | undefined {
    const known = this.#document.getIn([document, list]);
    if (!isSeq(known)) return undefined;
    return known.items.find(
      (item): item is YAMLMap =>
        isMap(item) && Object.entries(identity).every(([key, value]) => item.get(key) === value),
    );
  }

  /** @returns whether the value was another one */
  #setIn(entry: YAMLMap, path: readonly string[], value: Json): boolean {
    const known = entry.getIn(path, true);
    const same =
      isNode(known) && canonicalJson(known.toJS(this.#document) as Json) === canonicalJson(value);
    if (same) return false;
    let map = entry;
    for (const key of path.slice(0, -1)) {
      const below = map.get(key, true);
      if (isMap(below)) map = below;
      else {
        const made = new YAMLMap();
        map.set(key, made);
        map = made;
      }
    }
    const last = path[path.length - 1] as string;
    map.set(last, isNode(known) ? this.#instead(known, value) : this.#node(value));
    return true;
  }

  /** A new node with the comments of the old one. */
  #instead(old: Node, value: Json): Node {
    const node = this.#node(value);
    node.commentBefore = old.commentBefore ?? null;
    node.comment = old.comment ?? null;
    if (old.spaceBefore === true) node.spaceBefore = true;
    if (isMap(old) && isMap(node) && old.flow === true) node.flow = true;
    return node;
  }

  #node(value: Json | Identity): Node {
    const node = this.#document.createNode(value, { aliasDuplicateObjects: false }) as Node;
    visit(node, {
      Scalar: (_, scalar) => {
        if (typeof scalar.value !== 'string' || !FULL_WIDTH.test(scalar.value)) return;
        scalar.type = Scalar.QUOTE_DOUBLE;
      },
      Seq: (_, list) => {
        if (list.items.every(isScalar)) list.flow = true;
      },
    });
    return node;
  }
}

function cleared(name: string) {
  return fail('overlay-list-cleared', { name });
}
