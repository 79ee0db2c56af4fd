/**
 * Identity numbers 身份证号 as far as a check can go: the form of the resident identity card (GB
 * 11643: 18 characters, the last a checksum) and the birth date inside it. Other documents –
 * permits of Hong Kong, Macao and Taiwan, passports – have no form that we rely on.
 */

/** What `identity_type` holds for the national card; empty means it too. */
const NATIONAL_CARD = new Set(['', '居民身份证', '身份证', 'id-card']);
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';

export function isNationalCard(type: string): boolean {
  return NATIONAL_CARD.has(type);
}

/** The check character of a number's first 17 digits. */
export function checkCharacter(digits: string): string {
  let sum = 0;
  for (let i = 0; i < WEIGHTS.length; i += 1) {
    sum += (digits.charCodeAt(i) - 48) * (WEIGHTS[i] as number);
  }
  return CHECK_CHARACTERS[sum % 11] as string;
}

/** What is wrong with the number of a national card: the end of a Chinese sentence. */
export function identityFault(number: string): string | undefined {
  if (!/^\d{17}[\dXx]$/.test(number)) return '不是 18 位居民身份证号。';
  if (checkCharacter(number) !== number.slice(17).toUpperCase()) {
    return '校验码不对，请核对身份证号。';
  }
  return undefined;
}

/** The birth date inside a well-formed number. */
export function birthDateOf(number: string): string {
  return `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
}

/** The form under which a number is compared: one person, one text. */
export function comparable(number: string): string {
  return number.toUpperCase();
}
