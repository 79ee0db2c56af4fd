/**
 * A report as one JSON object, for machines. Points are decimal numbers (612.5), percentages
 * numbers of percent (97.5), dates and codes text; nothing is rounded or shortened.
 */
import { drillOf } from '../drill-down.ts';
import {
  type Chart,
  type ChartMark,
  type Column,
  chunksOf,
  type Rendering,
  type Row,
  type Section,
} from '../report.ts';
import { cellOf, figureOf, plainText, Totals } from './cells.ts';

/** Counted up when readers would break. */
export const REPORT_JSON_SCHEMA = 'zhongzhao-report/1';

/** Writes the whole report, section by section as the rows arrive. */
export async function* renderJson(rendering: Rendering): AsyncGenerator<string> {
  const { report, content } = rendering;
  const head = {
    schema: REPORT_JSON_SCHEMA,
    report: report.id,
    title: report.title,
    actor: rendering.actor,
    madeAt: rendering.madeAt,
    head: content.head,
    trail: rendering.trail,
    signed: rendering.signed,
    findings: content.findings,
    figures: (content.figures ?? []).map(figure => ({
      key: figure.key,
      title: figure.title,
      value: exact(figure.type, figureOf(figure, rendering.unmasked)),
    })),
    since: content.since ?? null,
    changes: (content.changes ?? []).map(change => ({
      title: change.title,
      before: exact(change.type, change.before),
      now: exact(change.type, change.now),
    })),
    reconciliations: (content.reconciliations ?? []).map(item => ({
      ...item,
      holds: item.left === item.right,
    })),
    definitions: report.definitions,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"sections":[`;
  let first = true;
  for (const section of report.sections) {
    if (content.rows[section.id] === undefined) continue;
    yield first ? '\n' : ',\n';
    first = false;
    yield* sectionJson(rendering, section);
  }
  yield ']}\n';
}

async function* sectionJson(rendering: Rendering, section: Section): AsyncGenerator<string> {
  const description = {
    id: section.id,
    title: section.title,
    order: section.order,
    drill: drillOf(rendering.report.id, section.id),
    columns: section.columns.map(({ key, title, type, unit }) => ({ key, title, type, unit })),
    chart: chartObject(section, rendering.content.marks ?? []),
  };
  yield `${JSON.stringify(description).slice(0, -1)},"rows":[`;
  const totals = new Totals(section);
  for await (const rows of chunksOf(rendering.content.rows[section.id] ?? [])) {
    const separator = totals.rowCount === 0 ? '\n' : ',\n';
    totals.add(rows);
    if (rows.length === 0) continue;
    yield separator +
      rows.map(row => JSON.stringify(rowObject(section, row, rendering))).join(',\n');
  }
  const summed = section.columns.filter(column => totals.cell(column) !== null);
  const total = Object.fromEntries(
    summed.map(column => [column.key, exact(column.type, totals.cell(column))]),
  );
  yield `],"totals":${JSON.stringify(summed.length === 0 ? null : total)}}`;
}

/** How the rows are drawn: keys of them, and the lines across. A score is a decimal number. */
function chartObject({ id, chart }: Section, marks: readonly ChartMark[]): object | null {
  if (chart === undefined) return null;
  const own = marks.filter(mark => mark.section === id);
  return {
    ...chart,
    marks: own.map(({ title, category, at }) => ({
      title,
      ...(category === undefined ? {} : { category }),
      ...(at === undefined ? {} : { at: exact('hundredths', at) }),
    })),
  };
}

function rowObject({ columns, chart }: Section, row: Row, rendering: Rendering): object {
  const cells = columns.map(column => [
    column.key,
    exact(column.type, cellOf(column, row, rendering.unmasked)),
  ]);
  return { ...drawnAlone(columns, chart, row), ...Object.fromEntries(cells) };
}

/** What is drawn and has no column of its own: edges of score bands, how a span is painted. */
function drawnAlone(columns: readonly Column[], chart: Chart | undefined, row: Row): object {
  const shown = new Set(columns.map(column => column.key));
  const cells = chartKeys(chart)
    .filter(([key]) => !shown.has(key))
    .map(([key, type]) => [key, exact(type, row[key] ?? null)]);
  return Object.fromEntries(cells);
}

function chartKeys(chart: Chart | undefined): readonly (readonly [string, Column['type']])[] {
  if (chart?.kind === 'calendar') return [[chart.form, 'code']];
  if (chart?.kind !== 'histogram') return [];
  return [
    [chart.lower, 'hundredths'],
    [chart.upper, 'hundredths'],
  ];
}

/** Hundredths and percentages by way of their exact decimal text. */
function exact(type: Column['type'], value: string | number | boolean | null) {
  if (value === null) return null;
  if (type === 'hundredths' || type === 'percent') return Number(plainText({ type }, value));
  return value;
}
