import { decodeFault } from '../../../../src/hessian/faults.js';

const DAY = 86_400_000;

/**
 * GregorianCalendar.toString() of a calendar in UTC with the weeks of the United States: what a Java process with no
 * settings of its own reads a Calendar into (vectors, date/calendar). Dates before 1582 are given in the Gregorian
 * calendar, where Java changes to the Julian.
 */
export function calendarText(ms: unknown): string {
  if (typeof ms !== 'bigint') throw decodeFault('a Calendar without a date');
  const date = new Date(Number(ms));
  if (Number.isNaN(date.getTime())) throw decodeFault(`a Calendar of ${ms} ms is beyond what can be shown`);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const dayOfMonth = date.getUTCDate();
  const weekday = date.getUTCDay();
  const start = utcDay(year, 0, 1);
  const dayOfYear = Math.floor(date.getTime() / DAY) - start;
  const daysInYear = utcDay(year + 1, 0, 1) - start;
  const firstWeekday = (weekday - (dayOfYear % 7) + 7) % 7;
  // The week that holds January 1st is the first of its year.
  const nextYear = dayOfYear + (6 - weekday) >= daysInYear;
  const weekOfYear = nextYear ? 1 : Math.floor((dayOfYear + firstWeekday) / 7) + 1;
  const monthFirst = (weekday - ((dayOfMonth - 1) % 7) + 7) % 7;
  const hour = date.getUTCHours();
  const fields = [
    'firstDayOfWeek=1',
    'minimalDaysInFirstWeek=1',
    `ERA=${year > 0 ? 1 : 0}`,
    `YEAR=${year > 0 ? year : 1 - year}`,
    `MONTH=${month}`,
    `WEEK_OF_YEAR=${weekOfYear}`,
    `WEEK_OF_MONTH=${Math.floor((dayOfMonth - 1 + monthFirst) / 7) + 1}`,
    `DAY_OF_MONTH=${dayOfMonth}`,
    `DAY_OF_YEAR=${dayOfYear + 1}`,
    `DAY_OF_WEEK=${weekday + 1}`,
    `DAY_OF_WEEK_IN_MONTH=${Math.floor((dayOfMonth - 1) / 7) + 1}`,
    `AM_PM=${hour < 12 ? 0 : 1}`,
    `HOUR=${hour % 12}`,
    `HOUR_OF_DAY=${hour}`,
    `MINUTE=${date.getUTCMinutes()}`,
    `SECOND=${date.getUTCSeconds()}`,
    `MILLISECOND=${date.getUTCMilliseconds()}`,
    'ZONE_OFFSET=0',
    'DST_OFFSET=0',
  ];
  const zone =
    'zone=sun.util.calendar.ZoneInfo[id="UTC",offset=0,dstSavings=0,useDaylight=false,transitions=0,lastRule=null]';
  return `java.util.GregorianCalendar[time=${ms},areFieldsSet=true,areAllFieldsSet=true,lenient=true,${zone},${fields.join(',')}]`;
}

function utcDay(year: number, month: number, day: number): number {
  // Date.UTC takes years from 0 to 99 as 1900 to 1999.
  return Math.floor(new Date(0).setUTCFullYear(year, month, day) / DAY);
}
