const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const MOMENT = /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]$/;

/** `YYYY-MM-DD` and in the calendar: 2016-02-29 is, 2015-02-29 is not. */
export function isRealDate(text: string): boolean {
  const parts = DATE.exec(text);
  if (parts === null) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** `YYYY-MM-DDTHH:MM`, local time of Guangdong. */
export function isRealMoment(text: string): boolean {
  const parts = MOMENT.exec(text);
  return parts !== null && isRealDate(parts[1]);
}
