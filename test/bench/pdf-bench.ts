/**
 * How long PDFs take: a roster of 2,000 students (bar: 4 s) and 1,000 letters (bar: 3 s), from rows
 * in memory to bytes. Medians of RUNS, with the process's peak memory. With a folder as argument
 * the documents are kept there, to be looked at.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findReport } from '../../reports/registry.ts';
import type { Figure, Rendering, Row } from '../../reports/report.ts';

const RUNS = 3;
const NAMES = '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜堃喆淼𬭎㛃';
const MAJORS = ['护理', '会计电算化', '机电技术应用', '学前教育', '计算机网络技术'];

function student(at: number): Row {
  const characters = [...NAMES];
  const pick = (step: number) => characters[(at * step) % characters.length] ?? '';
  const major = Math.floor(at / 400) % MAJORS.length;
  return {
    seq: at + 1,
    candidateNo: String(16440100000000 + at),
    name: pick(1) + pick(7) + (at % 3 === 0 ? '' : pick(11)),
    sex: at % 2 === 0 ? '男' : '女',
    // A birth-place code that is not in use: nobody's number.
    identityNo: String(999_999_200_001_010_000n + BigInt(at)),
    place: '广州市海珠区',
    total: 40000 + at,
    major: `000${major + 1}`,
    majorName: MAJORS[major] ?? '',
    articulated: major === 0,
    remark: '',
    number: `2016-4401001-${String(at + 1).padStart(5, '0')}`,
    college: major === 0 ? '示例职业技术学院' : '',
    registerBy: '2016-08-25',
  };
}

function rendering(id: string, rows: Rendering['content']['rows'], facts: object): Rendering {
  const figures = Object.entries(facts).map(
    ([key, value]): Figure => ({ key, title: key, type: 'code', value: String(value) }),
  );
  const head = { scope: '', businessDate: null, dataUntil: null, runs: [], policies: [] };
  return {
    report: findReport(id),
    content: { head: { ...head, sample: true }, findings: [], figures, rows },
    actor: 'city-440100',
    unmasked: true,
    madeAt: '2016-09-08 09:00:00',
    trail: null,
    signed: null,
    links: [],
  };
}

async function measure(id: string, title: string, one: Rendering): Promise<void> {
  const times: number[] = [];
  let bytes: Uint8Array = new Uint8Array();
  for (let run = 0; run < RUNS; run += 1) {
    const start = performance.now();
    bytes = (await one.report.paper?.(one)) ?? bytes;
    times.push(performance.now() - start);
  }
  const median = Math.round(times.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  const size = Math.round(bytes.length / 1024);
  console.log(`${title}: median ${median} ms, ${size} KiB, peak memory so far ${peak} MiB`);
  const folder = process.argv[2];
  if (folder !== undefined) await writeFile(join(folder, `${id}.pdf`), bytes);
}

const students = Array.from({ length: 2000 }, (_, at) => student(at));
const majors = MAJORS.map((majorName, at) => ({
  major: `000${at + 1}`,
  majorName,
  men: 200,
  women: 200,
  students: 400,
}));
const roster = {
  number: '2016-0001',
  state: '已审核待备案',
  students: 2000,
  schoolName: '广州市第一职业技术学校（4401001）',
  season: '2016年',
  phase: '第一阶段',
  office: '广州市招办',
  hash: '3f'.repeat(32),
};
const school = {
  name: '广州市第一职业技术学校',
  address: '广州市海珠区示例路1号',
  postcode: '510000',
  phone: '020-00000000',
  website: 'www.example.cn',
  documents: '本通知书；居民身份证或户口簿原件及复印件；初中毕业证书及准考证',
};
await measure(
  'roster-vocational',
  'roster of 2,000 rows',
  rendering('roster-vocational', { students, majors }, roster),
);
await measure(
  'admission-letter',
  '1,000 letters',
  rendering('admission-letter', { letters: students.slice(0, 1000) }, school),
);
