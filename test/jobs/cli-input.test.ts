/** What `do --input FILE` makes of a file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readInputFile } from '../../jobs/cli/input-file.ts';

/** 姓名,代码 / 陈,0001 / 李, in GB18030. */
const GB18030 = 'd0d5c3fb2cb4fac2eb0ab3c22c303030310ac0ee2c0a';

t.test('an input file is a JSON object, or a CSV of rows in whatever encoding', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'zhongzhao-input-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const read = async (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return readInputFile(path);
  };
  t.same(await read('one.json', '{"city":"440600"}'), { city: '440600' });
  const rows = { rows: [{ 姓名: '陈', 代码: '0001' }, { 姓名: '李' }] };
  t.same(await read('utf-8.csv', '姓名,代码\n陈,0001\n李,\n'), rows);
  t.same(await read('bom.CSV', '\ufeff姓名,代码\r\n陈,0001\r\n\r\n李,\r\n'), rows);
  t.same(await read('gb18030.csv', Buffer.from(GB18030, 'hex')), rows);
  for (const [name, content] of [
    ['list.json', '[1]'],
    ['broken.json', '{'],
    ['broken.csv', 'a,b\n1,2,3\n'],
    ['damaged.csv', Buffer.from([0x61, 0x0a, 0x00, 0x0a])],
  ] as const) {
    await t.rejects(read(name, content), { code: 'input-unreadable' }, name);
  }
  await t.rejects(readInputFile(join(folder, 'none.json')), { code: 'input-unreadable' });
});
