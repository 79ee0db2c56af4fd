/**
 * A workbook of 100,000 rows, from rows that stream in to bytes, in a process of its own so that
 * its peak memory is its own. The bars: 5 s and 300 MB. Part of `npm run bench:reports`.
 */
import process from 'node:process';
import { findReport } from '../../reports/registry.ts';
import { renderXlsx } from '../../reports/render/xlsx.ts';
import type { Rendering, Row } from '../../reports/report.ts';

const ROWS = 100_000;
const CHUNK_ROWS = 5_000;
const [BAR_SECONDS, BAR_MEGABYTES] = [5, 300];

async function* students(): AsyncGenerator<Row[]> {
  for (let from = 0; from < ROWS; from += CHUNK_ROWS) {
    yield Array.from({ length: CHUNK_ROWS }, (_, at) => studentRow(from + at));
  }
}

function studentRow(at: number): Row {
  return {
    school: String(4401001 + (at % 90)),
    schoolName: `示例职业技术学校${at % 90}`,
    major: String(at % 12).padStart(2, '0'),
    majorName: '计算机网络技术',
    articulated: at % 9 === 0,
    cityName: '广州市',
    candidateNo: String(16440100000000 + at),
    name: '示例',
    sex: at % 2 === 0 ? '男' : '女',
    origin: '应届初中毕业生',
    total: 40000 + (at % 20000),
    stateTitle: '已注册',
    since: '2016-08-22',
  };
}

const rendering: Rendering = {
  report: findReport('supervised-admissions'),
  content: {
    head: {
      scope: '',
      businessDate: null,
      dataUntil: null,
      runs: [],
      policies: [],
      sample: true,
    },
    findings: [],
    rows: { students: students() },
  },
  actor: 'bench',
  unmasked: false,
  madeAt: '2016-09-08 09:00:00',
  trail: null,
  signed: null,
  links: [],
};

const before = process.resourceUsage().maxRSS / 1024;
const cpu = process.cpuUsage();
const begun = performance.now();
const { length } = await renderXlsx(rendering);
const seconds = (performance.now() - begun) / 1000;
const megabytes = process.resourceUsage().maxRSS / 1024;
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(
  `xlsx of ${ROWS} rows: ${seconds.toFixed(2)} s (bar ${BAR_SECONDS} s), processor ` +
    `${((user + system) / 1e6).toFixed(2)} s; peak memory of the process ` +
    `${megabytes.toFixed(0)} MiB (bar ${BAR_MEGABYTES}), ${before.toFixed(0)} before; ` +
    `${(length / 2 ** 20).toFixed(1)} MiB\n`,
);
