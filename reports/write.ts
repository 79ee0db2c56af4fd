/** Files that appear only when they are whole: written beside their place, then renamed. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes pieces to a file. Folders are made; a file that was there stays until the new one is
 * complete and on the disk, and stays when writing fails.
 *
 * @returns the number of bytes
 */
export async function writeWhole(
  path: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.part`;
  const file = await open(temporary, 'w');
  let size = 0;
  try {
    for await (const bytes of pieces) {
      await file.writeFile(bytes);
      size += bytes.length;
    }
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
  return size;
}
