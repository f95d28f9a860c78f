package com.lab;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Currency;
import java.util.Locale;
import java.util.UUID;

public class Money implements Serializable {
    public BigDecimal amount;
    public BigInteger units;
    public Currency currency;
    public Locale locale;
    public UUID receipt;
}
