package com.lab;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;

public class Times implements Serializable {
    public LocalDate localDate;
    public LocalTime localTime;
    public LocalDateTime localDateTime;
    public Instant instant;
    public Duration duration;
    public Period period;
    public Year year;
    public YearMonth yearMonth;
    public MonthDay monthDay;
    public ZoneOffset zoneOffset;
    public OffsetTime offsetTime;
    public OffsetDateTime offsetDateTime;
    public ZonedDateTime zonedDateTime;
}
