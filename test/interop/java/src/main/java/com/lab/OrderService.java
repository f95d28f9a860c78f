package com.lab;

import com.lab.proto.Order;
import com.lab.proto.Summary;

/** For codec 11. */
public interface OrderService {
    Summary summarize(Order order);
}
