/** The handbook 政策手册 as a file, in either format. */
import type { Handbook } from '../../engine/policy/handbook/book.ts';
import { writeWhole } from '../write.ts';
import { type Cover, handbookHtml } from './handbook-html.ts';

/** @returns the number of bytes */
export async function writeHandbook(
  book: Handbook,
  cover: Cover,
  format: 'html' | 'pdf',
  path: string,
): Promise<number> {
  if (format === 'html') return writeWhole(path, [Buffer.from(handbookHtml(book, cover))]);
  const { handbookPdf } = await import('./handbook-pdf.ts');
  return writeWhole(path, [await handbookPdf(book, cover)]);
}
