/**
 * Candidate numbers 考生号 by the policy's pattern (`numbers.candidate_no`), for people who come
 * without one. The serial counts per printed prefix and not per city: Foshan 440600 and Shunde
 * 440606 print the same four digits.
 */
import { fail } from './errors.ts';

const TOKEN = /\{(yyyy|yy|city[1-6]|serial[1-9])\}/g;

export interface NumberParts {
  /** The season's year. */
  readonly year: number;
  /** Code of the city. */
  readonly city: string;
}

/** How a pattern prints before its serial, and how far the serial goes. */
export interface NumberRange {
  /** What stands before the serial: serials count per prefix. */
  readonly prefix: string;
  /** What stands after it. */
  readonly suffix: string;
  readonly digits: number;
  /** The largest serial. */
  readonly last: number;
}

/**
 * The prefix under which serials are counted.
 *
 * @throws number-pattern, number-city, number-year
 */
export function numberRange(pattern: string, { year, city }: NumberParts): NumberRange {
  if (!Number.isInteger(year) || year < 1000 || year > 9999) throw fail('number-year', { year });
  const around = ['', ''];
  let digits = 0;
  let side = 0;
  for (const part of pattern.split(TOKEN)) {
    if (part.startsWith('serial')) {
      if (side === 1) throw fail('number-pattern', { pattern });
      digits = Number(part.slice('serial'.length));
      side = 1;
    } else around[side] += printed(part, year, city);
  }
  const [prefix, suffix] = around as [string, string];
  if (side === 0 || !/^[0-9A-Za-z-]*$/.test(prefix + suffix)) {
    throw fail('number-pattern', { pattern });
  }
  return { prefix, suffix, digits, last: 10 ** digits - 1 };
}

function printed(part: string, year: number, city: string): string {
  if (part === 'yyyy') return String(year);
  if (part === 'yy') return String(year).slice(2);
  if (!/^city[1-6]$/.test(part)) return part;
  const length = Number(part.slice('city'.length));
  if (!/^[0-9]+$/.test(city) || city.length < length) throw fail('number-city', { city });
  return city.slice(0, length);
}

/**
 * The number with this serial.
 *
 * @param serial from 1
 * @throws number-pattern, number-city, number-year, number-serial, numbers-exhausted
 */
export function candidateNumber(
  pattern: string,
  parts: NumberParts & { readonly serial: number },
): string {
  const { prefix, suffix, digits, last } = numberRange(pattern, parts);
  const { serial } = parts;
  if (!Number.isInteger(serial) || serial < 1) throw fail('number-serial', { serial });
  if (serial > last) throw fail('numbers-exhausted', { prefix, last });
  return `${prefix}${String(serial).padStart(digits, '0')}${suffix}`;
}
