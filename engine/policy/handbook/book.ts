/**
 * The handbook 政策手册: a policy as a document that officials read and sign. Chapters of plain
 * blocks, so that a page, a print and a test all read the same thing.
 */

export interface BookColumn {
  /** Chinese. */
  readonly title: string;
  /** Share of the width; 1 by default. */
  readonly weight?: number;
  readonly align?: 'right' | 'centre';
}

/** A span or a day of the calendar chart; both days included. */
export interface CalendarBar {
  readonly title: string;
  readonly from: string;
  readonly to: string;
  readonly kind: 'phase' | 'window' | 'batch' | 'day';
  readonly sample: boolean;
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  /** Smaller: what explains, and binds nobody. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly columns: readonly BookColumn[];
      readonly rows: readonly (readonly string[])[];
    }
  | {
      readonly kind: 'calendar';
      readonly from: string;
      readonly to: string;
      readonly bars: readonly CalendarBar[];
    }
  | { readonly kind: 'signatures'; readonly places: readonly string[] };

export interface Chapter {
  /** Unique in the book; of an anchor. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Handbook {
  readonly title: string;
  readonly id: string;
  readonly season: number;
  /** SHA-256, hex, of the base. */
  readonly baseHash: string;
  /** Whether any value is a `sample`: then it is said on every page. */
  readonly sample: boolean;
  readonly chapters: readonly Chapter[];
}

/** Shown beside each value that no document gives. */
export const SAMPLE_MARK = '示例值，无文件依据';

/** All text of a book, block by block, for searches and tests. */
export function textsOf(book: Handbook): string[] {
  return book.chapters.flatMap(chapter => [chapter.title, ...chapter.blocks.flatMap(blockTexts)]);
}

function blockTexts(block: Block): readonly string[] {
  switch (block.kind) {
    case 'list':
      return block.items;
    case 'table':
      return [...block.columns.map(column => column.title), ...block.rows.flat()];
    case 'calendar':
      return block.bars.map(bar => bar.title);
    case 'signatures':
      return block.places;
    default:
      return [block.text];
  }
}
