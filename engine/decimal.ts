/**
 * Scores, bounds, bands, gaps and bonus points are decimals with at most two places. Inside they
 * are integer hundredths; nothing here ever goes through a binary fraction.
 */

/** Stands for "no value" in an Int32Array of hundredths; no score comes near it. */
export const ABSENT = -2147483648;

/**
 * The largest value that is accepted, in hundredths: far above any total, far below ABSENT's
 * range.
 */
export const DECIMAL_MAX_HUNDREDTHS = 99_999_999;

const DECIMAL = /^-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,2})?$/;

/**
 * Reads a decimal with at most two places, exactly.
 *
 * @param text such as `612.5`, `-3`, `0.25`; no exponent, no sign `+`, no spaces
 * @returns integer hundredths, or `undefined` where the text is not such a decimal
 */
export function parseHundredths(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const negative = text.startsWith('-');
  const [whole, fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const value = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return negative && value !== 0 ? -value : value;
}

/**
 * Converts a number that YAML or JSON has read to hundredths, exactly.
 *
 * @returns integer hundredths, or `undefined` where it has more than two places or is not finite
 */
export function numberToHundredths(value: number): number | undefined {
  return Number.isFinite(value) ? parseHundredths(String(value)) : undefined;
}

/** The shortest decimal: 61250 → `612.5`, 40000 → `400`; ABSENT → empty. */
export function formatHundredths(value: number): string {
  if (value === ABSENT) return '';
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  const whole = Math.trunc(size / 100);
  const rest = size % 100;
  if (rest === 0) return `${sign}${whole}`;
  const places = rest % 10 === 0 ? String(rest / 10) : String(rest).padStart(2, '0');
  return `${sign}${whole}.${places}`;
}
