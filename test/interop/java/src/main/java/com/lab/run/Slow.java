package com.lab.run;

import com.lab.SlowService;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

final class Slow implements SlowService {
    private final ConcurrentHashMap<String, CountDownLatch> gates = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, AtomicInteger> waiting = new ConcurrentHashMap<>();

    @Override
    public String after(int ms, String text) {
        sleep(ms);
        return text + " after " + ms;
    }

    @Override
    public int overtake(int n) {
        sleep(n % 4 == 0 ? 8 : n % 4 == 1 ? 3 : 0);
        return n + 1;
    }

    @Override
    public String gate(String gate) {
        AtomicInteger count = waiting.computeIfAbsent(gate, k -> new AtomicInteger());
        count.incrementAndGet();
        try {
            if (!latch(gate).await(30, TimeUnit.SECONDS)) {
                return "nobody opened " + gate;
            }
            return "through " + gate;
        } catch (InterruptedException e) {
            return "interrupted";
        } finally {
            count.decrementAndGet();
        }
    }

    @Override
    public void open(String gate) {
        latch(gate).countDown();
    }

    @Override
    public int waiting(String gate) {
        AtomicInteger count = waiting.get(gate);
        return count == null ? 0 : count.get();
    }

    private CountDownLatch latch(String gate) {
        return gates.computeIfAbsent(gate, k -> new CountDownLatch(1));
    }

    static void sleep(int ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
