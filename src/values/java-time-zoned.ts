import { DATE, OFFSET, TIME, two } from './iso.js';
import { LocalDateTime, LocalTime } from './java-time.js';
import { brand, checkInteger, invalidValue, match, shown, Value } from './value.js';

const MAX_OFFSET_SECONDS = 18 * 3600;

/** `java.time.ZoneOffset`: what a zone's clock is ahead of UTC. */
export class ZoneOffset extends Value {
  /** -64,800 to 64,800: 18 hours either way. */
  readonly totalSeconds: number;

  /** @throws MeshError INVALID_ARGUMENT for more than 18 hours. */
  constructor(totalSeconds: number) {
    super();
    checkInteger(totalSeconds, -MAX_OFFSET_SECONDS, MAX_OFFSET_SECONDS, 'ZoneOffset: totalSeconds');
    this.totalSeconds = totalSeconds;
  }

  /** Of `+08:00`, `-03:30`, `+01:02:03` or `Z`. */
  static parse(text: string): ZoneOffset {
    const [, sign, hours, minutes, seconds] = match(text, ZONE_OFFSET, 'ZoneOffset', '+08:00');
    if (sign === undefined) return new ZoneOffset(0);
    checkInteger(Number(minutes), 0, 59, 'ZoneOffset: minutes');
    checkInteger(Number(seconds ?? 0), 0, 59, 'ZoneOffset: seconds');
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
    return new ZoneOffset(sign === '-' ? 0 - total : total);
  }

  /** True for a ZoneOffset of any copy of this package. */
  static is(value: unknown): value is ZoneOffset {
    return isZoneOffset(value);
  }

  equals(other: unknown): boolean {
    return ZoneOffset.is(other) && other.totalSeconds === this.totalSeconds;
  }

  /** `+08:00`; `Z` for none. */
  toString(): string {
    if (this.totalSeconds === 0) return 'Z';
    const total = Math.abs(this.totalSeconds);
    const seconds = total % 60;
    const sign = this.totalSeconds < 0 ? '-' : '+';
    const minutes = `${sign}${two(Math.floor(total / 3600))}:${two(Math.floor(total / 60) % 60)}`;
    return seconds === 0 ? minutes : `${minutes}:${two(seconds)}`;
  }
}
const ZONE_OFFSET = /^(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d))?)$/;
const isZoneOffset = brand(ZoneOffset, 'ZoneOffset');

/** `java.time.OffsetTime`: a time of day and an offset from UTC. */
export class OffsetTime extends Value {
  readonly time: LocalTime;
  readonly offset: ZoneOffset;

  constructor(time: LocalTime, offset: ZoneOffset) {
    super();
    if (!LocalTime.is(time))
      throw invalidValue('OffsetTime: time', `expected a LocalTime, got ${shown(time)}.`);
    checkOffset(offset, 'OffsetTime');
    this.time = time;
    this.offset = offset;
  }

  /** Of `10:15:30+08:00`. */
  static parse(text: string): OffsetTime {
    const [, time, offset] = match(text, OFFSET_TIME, 'OffsetTime', '10:15:30+08:00');
    return new OffsetTime(LocalTime.parse(time), ZoneOffset.parse(offset));
  }

  /** True for an OffsetTime of any copy of this package. */
  static is(value: unknown): value is OffsetTime {
    return isOffsetTime(value);
  }

  equals(other: unknown): boolean {
    return OffsetTime.is(other) && other.toString() === this.toString();
  }

  /** `10:15:30+08:00`. */
  toString(): string {
    return `${this.time}${this.offset}`;
  }
}
const OFFSET_TIME = new RegExp(`^(${TIME})(${OFFSET})$`);
const isOffsetTime = brand(OffsetTime, 'OffsetTime');

/** `java.time.OffsetDateTime`: a date, a time and an offset from UTC. */
export class OffsetDateTime extends Value {
  readonly dateTime: LocalDateTime;
  readonly offset: ZoneOffset;

  constructor(dateTime: LocalDateTime, offset: ZoneOffset) {
    super();
    checkDateTime(dateTime, 'OffsetDateTime');
    checkOffset(offset, 'OffsetDateTime');
    this.dateTime = dateTime;
    this.offset = offset;
  }

  /** Of `2024-02-29T10:15:30+08:00`. */
  static parse(text: string): OffsetDateTime {
    const [, dateTime, offset] = match(text, OFFSET_DATE_TIME, 'OffsetDateTime', '2024-02-29T10:15:30+08:00');
    return new OffsetDateTime(LocalDateTime.parse(dateTime), ZoneOffset.parse(offset));
  }

  /** True for an OffsetDateTime of any copy of this package. */
  static is(value: unknown): value is OffsetDateTime {
    return isOffsetDateTime(value);
  }

  equals(other: unknown): boolean {
    return OffsetDateTime.is(other) && other.toString() === this.toString();
  }

  /** `2024-02-29T10:15:30+08:00`. */
  toString(): string {
    return `${this.dateTime}${this.offset}`;
  }
}
const OFFSET_DATE_TIME = new RegExp(`^(${DATE}T${TIME})(${OFFSET})$`);
const isOffsetDateTime = brand(OffsetDateTime, 'OffsetDateTime');

/**
 * `java.time.ZonedDateTime`: a date, a time, and the zone they are in. Whether the zone has that offset at that time is
 * not checked: the rules of zones are Java's.
 */
export class ZonedDateTime extends Value {
  readonly dateTime: LocalDateTime;
  readonly offset: ZoneOffset;
  /** `Asia/Shanghai`, or the offset again where there is no region. */
  readonly zoneId: string;

  constructor(dateTime: LocalDateTime, offset: ZoneOffset, zoneId: string) {
    super();
    checkDateTime(dateTime, 'ZonedDateTime');
    checkOffset(offset, 'ZonedDateTime');
    match(zoneId, ZONE_ID, 'ZonedDateTime: zoneId', 'Asia/Shanghai');
    this.dateTime = dateTime;
    this.offset = offset;
    this.zoneId = zoneId;
  }

  /** Of `2024-02-29T10:15:30+08:00[Asia/Shanghai]`. */
  static parse(text: string): ZonedDateTime {
    const example = '2024-02-29T10:15:30+08:00[Asia/Shanghai]';
    const [, dateTime, offset, zoneId = offset] = match(text, ZONED_DATE_TIME, 'ZonedDateTime', example);
    return new ZonedDateTime(LocalDateTime.parse(dateTime), ZoneOffset.parse(offset), zoneId);
  }

  /** True for a ZonedDateTime of any copy of this package. */
  static is(value: unknown): value is ZonedDateTime {
    return isZonedDateTime(value);
  }

  equals(other: unknown): boolean {
    return ZonedDateTime.is(other) && other.toString() === this.toString();
  }

  /** `2024-02-29T10:15:30+08:00[Asia/Shanghai]`; no brackets where the zone is the offset. */
  toString(): string {
    const offset = this.offset.toString();
    return `${this.dateTime}${offset}${this.zoneId === offset ? '' : `[${this.zoneId}]`}`;
  }
}
const ZONE_ID = /^[A-Za-z0-9~/._+:-]+$/;
const ZONED_DATE_TIME = new RegExp(`^(${DATE}T${TIME})(${OFFSET})(?:\\[([^\\]]+)\\])?$`);
const isZonedDateTime = brand(ZonedDateTime, 'ZonedDateTime');

function checkDateTime(value: unknown, what: string): void {
  if (!LocalDateTime.is(value))
    throw invalidValue(`${what}: dateTime`, `expected a LocalDateTime, got ${shown(value)}.`);
}

function checkOffset(value: unknown, what: string): void {
  if (!ZoneOffset.is(value))
    throw invalidValue(`${what}: offset`, `expected a ZoneOffset, got ${shown(value)}.`);
}
