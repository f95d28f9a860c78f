package com.acme.bench;

import com.alipay.sofa.rpc.config.ConsumerConfig;
import com.alipay.sofa.rpc.config.ProviderConfig;
import com.alipay.sofa.rpc.config.ServerConfig;
import com.sun.management.OperatingSystemMXBean;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One side of Java SOFARPC talking to itself. Commands are read from standard input, one a line; an answer is one
 * line of JSON after "@@". The end of standard input ends the process.
 */
public class Peer {
    private static final int DISTINCT = 1024;
    private static final OperatingSystemMXBean OS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            serve();
        } else {
            drive(args[1], Integer.parseInt(args[2]));
        }
        System.exit(0);
    }

    private static void serve() throws Exception {
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        // A queue, so that 1,024 calls at once are not refused as busy; the pool's size is Java's own default.
        ServerConfig server = new ServerConfig().setProtocol("bolt").setHost("127.0.0.1").setPort(port)
                .setQueues(4096).setDaemon(false);
        EchoService echo = new EchoService() {
            @Override
            public Order order(Order order) {
                order.total = order.sum();
                return order;
            }

            @Override
            public String text(String text) {
                return text;
            }

            @Override
            public byte[] bytes(byte[] bytes) {
                return bytes;
            }
        };
        new ProviderConfig<EchoService>().setInterfaceId(EchoService.class.getName()).setRef(echo).setServer(server)
                .setRegister(false).export();
        answer("{\"port\":" + port + "}");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            answer("{\"cpuMicros\":" + OS.getProcessCpuTime() / 1000 + "}");
        }
    }

    private static void drive(String payload, int port) throws Exception {
        ConsumerConfig<EchoService> config = new ConsumerConfig<EchoService>()
                .setInterfaceId(EchoService.class.getName()).setProtocol("bolt").setTimeout(30000)
                .setDirectUrl("bolt://127.0.0.1:" + port).setRegister(false);
        EchoService echo = config.refer();
        Calls calls = calls(payload, echo);
        answer("{}");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            String[] words = line.trim().split(" ");
            answer(block(calls, Integer.parseInt(words[1]), Integer.parseInt(words[2]), Long.parseLong(words[3])));
        }
    }

    private interface Calls {
        boolean echo(int index);
    }

    private static Calls calls(String payload, EchoService echo) {
        Random random = new Random(1);
        if (payload.equals("pojo")) {
            Order[] orders = new Order[DISTINCT];
            for (int i = 0; i < DISTINCT; i++) {
                orders[i] = order(random, i);
            }
            return index -> {
                Order got = echo.order(orders[index]);
                return got.total == orders[index].sum() && got.sum() == got.total;
            };
        }
        if (payload.equals("10KB")) {
            String[] texts = new String[DISTINCT];
            for (int i = 0; i < DISTINCT; i++) {
                texts[i] = text(random, 10240);
            }
            return index -> texts[index].equals(echo.text(texts[index]));
        }
        byte[][] blocks = new byte[64][1 << 20];
        for (byte[] block : blocks) {
            random.nextBytes(block);
        }
        return index -> {
            byte[] block = blocks[index % blocks.length];
            return Arrays.equals(block, echo.bytes(block));
        };
    }

    private static Order order(Random random, int i) {
        Order order = new Order();
        order.id = 1_000_000_000_000L + (long) (random.nextDouble() * 1e12);
        order.customerId = random.nextInt(1 << 30);
        order.sku = "SKU-" + text(random, 8);
        order.title = text(random, 12 + i % 20);
        order.city = text(random, 4 + i % 8);
        order.quantity = random.nextInt(1000);
        order.status = i % 7;
        order.price = random.nextInt(1_000_000) / 100.0;
        order.paid = i % 2 == 0;
        order.total = random.nextDouble();
        return order;
    }

    private static String text(Random random, int length) {
        char[] chars = new char[length];
        for (int i = 0; i < length; i++) {
            chars[i] = (char) ('a' + random.nextInt(26));
        }
        return new String(chars);
    }

    /** As many threads as calls at once: the synchronous call is how Java users call. */
    private static String block(Calls calls, int concurrency, int count, long millis) throws Exception {
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        long[][] times = new long[concurrency][];
        Thread[] threads = new Thread[concurrency];
        long cpu = OS.getProcessCpuTime();
        long start = System.nanoTime();
        long end = millis > 0 ? start + millis * 1_000_000 : Long.MAX_VALUE;
        for (int t = 0; t < concurrency; t++) {
            int thread = t;
            threads[t] = new Thread(() -> {
                long[] mine = new long[256];
                int n = 0;
                try {
                    for (int i; (i = next.getAndIncrement()) < count && failure.get() == null; ) {
                        long before = System.nanoTime();
                        if (before >= end) {
                            break;
                        }
                        if (!calls.echo(i % DISTINCT)) {
                            throw new IllegalStateException("a wrong result came back for payload " + i % DISTINCT);
                        }
                        if (n == mine.length) {
                            mine = Arrays.copyOf(mine, n * 2);
                        }
                        mine[n++] = System.nanoTime() - before;
                    }
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                }
                times[thread] = Arrays.copyOf(mine, n);
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        long elapsed = System.nanoTime() - start;
        long used = OS.getProcessCpuTime() - cpu;
        if (failure.get() != null) {
            return "{\"error\":\"" + failure.get().toString().replaceAll("[\"\\\\\\s]+", " ") + "\"}";
        }
        long[] all = Arrays.stream(times).flatMapToLong(Arrays::stream).sorted().toArray();
        return "{\"calls\":" + all.length + ",\"ms\":" + elapsed / 1e6 + ",\"cpuMicros\":" + used / 1000
                + ",\"p50Ms\":" + at(all, 0.50) + ",\"p99Ms\":" + at(all, 0.99) + "}";
    }

    private static double at(long[] sorted, double part) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, Math.floor(part * sorted.length))] / 1e6;
    }

    private static void answer(String json) {
        System.out.println("@@" + json);
        System.out.flush();
    }
}
