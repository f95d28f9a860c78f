package com.lab.run;

import com.alipay.hessian.generic.model.GenericObject;
import com.alipay.sofa.rpc.api.GenericService;
import com.alipay.sofa.rpc.api.future.SofaResponseFuture;
import com.alipay.sofa.rpc.config.MethodConfig;
import com.alipay.sofa.rpc.context.RpcInvokeContext;
import com.alipay.sofa.rpc.core.exception.SofaRpcException;
import com.alipay.sofa.rpc.core.invoke.SofaResponseCallback;
import com.alipay.sofa.rpc.core.request.RequestBase;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.lab.Color;
import com.lab.ContextService;
import com.lab.Dog;
import com.lab.FaultService;
import com.lab.GraphService;
import com.lab.GreetService;
import com.lab.JsonService;
import com.lab.Mood;
import com.lab.Node;
import com.lab.NotFoundException;
import com.lab.NoteService;
import com.lab.OrderService;
import com.lab.Pair;
import com.lab.PeopleService;
import com.lab.Person;
import com.lab.QuotaException;
import com.lab.RejectedException;
import com.lab.SlowService;
import com.lab.proto.Item;
import com.lab.proto.Level;
import com.lab.proto.Order;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What a Java application does with a provider, one behaviour a case. Java computes the expected value: the other side is
 * wrong where it answers anything else, and "wrong" tells the difference.
 */
final class Cases {
    interface Case {
        Object run(Caller caller) throws Throwable;
    }

    private static final Map<String, Case> CASES = new LinkedHashMap<>();

    private Cases() {
    }

    static Collection<String> names() {
        return CASES.keySet();
    }

    static JsonNode run(String name, Caller caller) throws Throwable {
        if (!CASES.containsKey(name)) {
            throw new IllegalArgumentException("no case " + name);
        }
        return Canonical.of(CASES.get(name).run(caller));
    }

    private static Object expect(Object expected, Object actual) {
        String difference = Canonical.difference(expected, actual);
        if (!difference.equals("ok")) {
            throw new Lines.Wrong(difference);
        }
        return "ok";
    }

    private static void people(String name, PeopleCase run) {
        CASES.put(name, caller -> run.run(caller.service(PeopleService.class)));
    }

    private static void graph(String name, GraphCase run) {
        CASES.put(name, caller -> run.run(caller.service(GraphService.class)));
    }

    interface PeopleCase {
        Object run(PeopleService people) throws Throwable;
    }

    interface GraphCase {
        Object run(GraphService graph) throws Throwable;
    }

    interface Throwing {
        Object run() throws Throwable;
    }

    private static <E extends Throwable> E thrown(Class<E> type, Throwing call) throws Throwable {
        try {
            Object answer = call.run();
            throw new Lines.Wrong("expected " + type.getName() + " got the answer " + Canonical.of(answer));
        } catch (Throwable e) {
            if (e.getClass() != type) {
                throw e;
            }
            return type.cast(e);
        }
    }

    static {
        PeopleService java = new People();
        GraphService graphs = new Graphs();
        for (String kind : new String[] {"full", "bare", "boss"}) {
            people("describe " + kind, p -> expect(java.describe(Values.person(kind)), p.describe(Values.person(kind))));
        }
        people("describe null", p -> expect("nobody", p.describe(null)));
        people("ping", p -> expect("pong", p.ping()));
        people("find", p -> expect(java.find(9007199254740995L), p.find(9007199254740995L)));
        people("find null", p -> expect(null, p.find(0)));
        people("find checked", p -> {
            NotFoundException e = thrown(NotFoundException.class, () -> p.find(404));
            return expect(Values.list("no person 404", 404L, "person"), Values.list(e.getMessage(), e.id, e.kind));
        });
        people("promote", p -> {
            Person boss = Values.person("boss");
            return expect(java.promote(Values.person("full"), boss), p.promote(Values.person("full"), boss));
        });
        people("older", p -> {
            List<Person> both = Values.list(Values.person("full"), Values.person("bare"));
            return expect(java.older(both, 30), p.older(both, 30));
        });
        people("byColor", p -> {
            List<Person> all = new ArrayList<>();
            for (Color color : new Color[] {Color.RED, Color.BLUE, Color.RED}) {
                Person person = Values.person("bare");
                person.color = color;
                person.age = all.size();
                all.add(person);
            }
            return expect(java.byColor(all), p.byColor(all));
        });
        people("void", p -> {
            String mark = "mark " + System.nanoTime();
            p.touch(mark);
            return expect(mark, p.touched());
        });
        people("overloads by type", p -> expect(
            Values.list("person Bob", "list of 2", "name Zoe"),
            Values.list(p.save(Values.person("bare")), p.save(Values.list(Values.person("bare"), null)), p.save("Zoe"))));
        people("overloads by count", p -> expect(Values.list("person Bob by force", "person Bob gently"),
            Values.list(p.save(Values.person("bare"), true), p.save(Values.person("bare"), false))));
        people("overloads boxed", p -> expect(
            Values.list("nothing", "int 5", "Integer 5", "Integer null", "long 5", "Long 5", "Long null"),
            Values.list(p.which(), p.which(5), p.which(Integer.valueOf(5)), p.which((Integer) null), p.which(5L),
                p.which(Long.valueOf(5)), p.which((Long) null))));
        people("overloads reference", p -> expect(
            Values.list("String x", "int[] 3", "List 2", "Object null"),
            Values.list(p.which("x"), p.which(new int[] {1, 2, 3}), p.which(Values.list("a", "b")), p.which((Object) null))));
        people("varargs", p -> expect(Values.list("3:a+b+c", "0:"), Values.list(p.join("a", "b", "c"), p.join())));
        people("many", p -> {
            Map<String, Integer> map = Values.map("k", 1);
            return expect(java.many(1, -2, 1.5, true, "é", Values.person("full"), Values.list("g"), map, Values.pattern(4), new Date(5)),
                p.many(1, -2, 1.5, true, "é", Values.person("full"), Values.list("g"), map, Values.pattern(4), new Date(5)));
        });
        people("same", p -> {
            Person person = Values.person("full");
            return expect(Values.list(true, false), Values.list(p.same(person, person), p.same(person, Values.person("full"))));
        });
        people("same pair", p -> expect(Values.list(true, false), Values.list(p.samePair(Values.pair(true)), p.samePair(Values.pair(false)))));
        people("twins", p -> {
            Pair pair = p.twins();
            return expect(Values.list("ok", true), Values.list(Canonical.difference(Values.person("full"), pair.left), pair.left == pair.right));
        });
        people("widen", p -> expect(3.5, p.widen(3, 0.5)));
        for (String kind : new String[] {"border", "border1", "long", "mega", "lone"}) {
            people("digest " + kind, p -> expect(People.digestOf(Values.text(kind)), p.digest(Values.text(kind))));
            people("text " + kind, p -> expect(Values.text(kind), p.text(kind)));
        }
        people("digest bytes", p -> expect(java.digestBytes(Values.pattern(1 << 20)), p.digestBytes(Values.pattern(1 << 20))));
        people("bytes", p -> expect(Values.pattern(1 << 20), p.bytes(1 << 20)));
        people("crowd", p -> {
            List<Person> crowd = p.crowd(300);
            for (int i = 1; i < crowd.size(); i++) {
                if (crowd.get(i).manager != crowd.get(0)) {
                    throw new Lines.Wrong("the manager of " + i + " is a copy");
                }
            }
            return expect(java.crowd(300), crowd);
        });
        people("idSum", p -> expect(44850L, p.idSum(java.crowd(300))));

        graph("animals", g -> expect(Values.list(Values.puppy().text(), Values.cat().text(), Values.dog(new Dog(), "Rex", "Beagle").text()),
            Values.list(g.animalText(Values.puppy()), g.animalText(Values.cat()), g.animalText(Values.dog(new Dog(), "Rex", "Beagle")))));
        graph("roster", g -> expect(graphs.roster(), g.roster()));
        graph("zoo", g -> expect(graphs.zoo(), g.zoo()));
        graph("zooText", g -> expect(graphs.zooText(Values.zoo()), g.zooText(Values.zoo())));
        graph("ring", g -> expect(Values.list(1, 3, 50),
            Values.list(graphs.ringSize(g.ring(1)), graphs.ringSize(g.ring(3)), graphs.ringSize(g.ring(50)))));
        graph("ringSize", g -> expect(Values.list(1, 3, 50), Values.list(g.ringSize(graphs.ring(1)), g.ringSize(graphs.ring(3)), g.ringSize(graphs.ring(50)))));
        graph("tree", g -> {
            Node root = g.tree(3, 4);
            return expect(Values.list(121, "ok"), Values.list(graphs.treeSize(root), Canonical.difference(graphs.tree(3, 4), root)));
        });
        graph("treeSize", g -> expect(121, g.treeSize(graphs.tree(3, 4))));
        graph("chain", g -> expect(400, graphs.chainSize(g.chain(400))));
        graph("chainSize", g -> expect(400, g.chainSize(graphs.chain(400))));
        graph("page of persons", g -> expect(graphs.people(5), g.people(5)));
        graph("peopleText", g -> expect(graphs.peopleText(graphs.people(5)), g.peopleText(graphs.people(5))));
        graph("page of strings", g -> expect(Values.list("ok", "ok"),
            Values.list(Canonical.difference(graphs.words(9), g.words(9)), Canonical.difference(graphs.wordsText(graphs.words(9)), g.wordsText(graphs.words(9))))));
        graph("page of pages", g -> expect(Values.list("ok", "ok"),
            Values.list(Canonical.difference(graphs.nested(), g.nested()), Canonical.difference(graphs.nestedText(graphs.nested()), g.nestedText(graphs.nested())))));
        graph("moods", g -> expect(Values.list(Mood.HAPPY, "com.lab.Mood.SAD 1", "none"), Values.list(g.mood("HAPPY"), g.moodText(Mood.SAD), g.moodText(null))));

        fault("checked", f -> {
            NotFoundException e = thrown(NotFoundException.class, () -> f.checked(Long.MAX_VALUE));
            return expect(Values.list("no thing 9223372036854775807 找不到😀", Long.MAX_VALUE, "thing"), Values.list(e.getMessage(), e.id, e.kind));
        });
        fault("unchecked", f -> {
            RejectedException e = thrown(RejectedException.class, () -> f.unchecked("me"));
            return expect(Values.list("rejected me", 42, Values.map("reason", "策略", "rule", "r-7"), Values.person("full")),
                Values.list(e.getMessage(), e.code, e.details, e.who));
        });
        fault("subclass", f -> {
            QuotaException e = thrown(QuotaException.class, () -> f.quota(1L << 40));
            return expect(Values.list("over 1099511627776", 7, 1L << 40, null), Values.list(e.getMessage(), e.code, e.limit, e.details));
        });
        // A Java provider cuts the cause off (it sends a reference to the exception itself); one that sends it is read.
        fault("caused", f -> {
            IllegalArgumentException e = thrown(IllegalArgumentException.class, f::caused);
            NotFoundException cause = (NotFoundException) e.getCause();
            return expect(Values.list("outer", "inner", 5L, "cause"), cause == null
                ? Values.list(e.getMessage(), "inner", 5L, "cause")
                : Values.list(e.getMessage(), cause.getMessage(), cause.id, cause.kind));
        });
        fault("void fault", f -> expect("void", thrown(NotFoundException.class, () -> {
            f.voidFault();
            return null;
        }).getMessage()));
        fault("after a fault", f -> {
            thrown(NotFoundException.class, () -> f.checked(1));
            return expect("fine again", f.fine("again"));
        });

        CASES.put("oneway", c -> {
            NoteService notes = c.service(NoteService.class, "oneway", config -> config.setMethods(Values.list(
                new MethodConfig().setName("note").setInvokeType("oneway"), new MethodConfig().setName("failingNote").setInvokeType("oneway"))));
            int before = notes.count();
            String mark = "note " + System.nanoTime();
            notes.note(mark);
            notes.failingNote(mark + " that fails");
            for (int i = 0; notes.count() < before + 2 && i < 200; i++) {
                Slow.sleep(10);
            }
            List<String> all = notes.notes();
            Collections.sort(all.subList(before, before + 2));
            return expect(Values.list(mark, mark + " that fails"), new ArrayList<>(all.subList(before, before + 2)));
        });
        CASES.put("future", c -> {
            SlowService slow = c.service(SlowService.class, "future", config -> config.setInvokeType("future"));
            Object nothing = slow.after(50, "later");
            return expect(Values.list(null, "later after 50"), Values.list(nothing, SofaResponseFuture.getResponse(5000, true)));
        });
        CASES.put("callback", c -> {
            CompletableFuture<Object> answer = new CompletableFuture<>();
            callback(c, "callback", answer).after(20, "called back");
            return expect("called back after 20", answer.get(5, TimeUnit.SECONDS));
        });
        CASES.put("callback fault", c -> {
            CompletableFuture<Object> answer = new CompletableFuture<>();
            FaultService faults = c.service(FaultService.class, "callback", config -> config.setInvokeType("callback").setOnReturn(callback(answer)));
            faults.checked(3);
            NotFoundException e = (NotFoundException) answer.get(5, TimeUnit.SECONDS);
            return expect(Values.list("no thing 3 找不到😀", 3L), Values.list(e.getMessage(), e.id));
        });
        CASES.put("uniqueId and version", c -> expect(Values.list("plain greets a", "blue greets b", "second greets c"), Values.list(
            c.service(GreetService.class).greet("a"),
            c.service(GreetService.class, "blue", config -> config.setUniqueId("blue")).greet("b"),
            c.service(GreetService.class, "2.0", config -> config.setVersion("2.0")).greet("c"))));
        CASES.put("baggage", c -> {
            RpcInvokeContext.getContext().putRequestBaggage("who", "java 爪哇");
            String seen = c.service(ContextService.class).baggage("who");
            String answer = RpcInvokeContext.getContext().getResponseBaggage("answer");
            RpcInvokeContext.removeContext();
            return expect(Values.list("java 爪哇", "for java 爪哇"), Values.list(seen, answer));
        });
        CASES.put("headers", c -> {
            Map<String, String> headers = c.service(ContextService.class).headers();
            return expect(Values.list("com.lab.ContextService:1.0", "headers", "java-consumer", "sync"), Values.list(headers.get("service"),
                headers.get("sofa_head_method_name"), headers.get("app"), headers.get("type")));
        });

        CASES.put("$invoke", c -> {
            GenericService people = c.generic("com.lab.PeopleService");
            return expect(Values.list(java.describe(Values.person("full")), "Integer 5", java.find(3)), Values.list(
                people.$invoke("describe", new String[] {"com.lab.Person"}, new Object[] {Values.person("full")}),
                people.$invoke("which", new String[] {"java.lang.Integer"}, new Object[] {5}),
                people.$invoke("find", new String[] {"long"}, new Object[] {3L})));
        });
        CASES.put("$genericInvoke", c -> {
            GenericService people = c.generic("com.lab.PeopleService");
            GenericObject person = new GenericObject("com.lab.Person");
            person.putField("name", "Gen");
            person.putField("age", 5);
            person.putField("id", 7L);
            person.putField("height", 1.5);
            person.putField("active", true);
            Object text = people.$genericInvoke("describe", new String[] {"com.lab.Person"}, new Object[] {person});
            GenericObject found = (GenericObject) people.$genericInvoke("find", new String[] {"long"}, new Object[] {8L});
            return expect(Values.list("7|Gen|5|1.5|true|-|-|-|-|-", "com.lab.Person", 8L, "Ann 安"),
                Values.list(text, found.getType(), found.getField("id"), found.getField("name")));
        });
        CASES.put("$genericInvoke to a class", c -> expect(java.find(9), c.generic("com.lab.PeopleService").$genericInvoke("find",
            new String[] {"long"}, new Object[] {9L}, Person.class)));
        CASES.put("$invoke fault", c -> {
            NotFoundException e = thrown(NotFoundException.class,
                () -> c.generic("com.lab.PeopleService").$invoke("find", new String[] {"long"}, new Object[] {404L}));
            return expect(Values.list("no person 404", 404L), Values.list(e.getMessage(), e.id));
        });

        json("json one argument", j -> expect(java.describe(Values.person("full")), j.describe(Values.person("full"))));
        json("json several arguments", j -> expect("a 1 [x, 二]", j.join("a", 1, Values.list("x", "二"))));
        json("json list argument", j -> expect(Values.map("a", 2, "b", 1), j.count(Values.list("a", "b", "a"))));
        json("json object result", j -> {
            Person want = Values.person("full");
            want.id = 5;
            return expect(want, j.find(5));
        });
        json("json list result", j -> expect(3, j.crowd(3).size()));
        json("json no argument", j -> expect("no arguments", j.none()));

        protobuf("protobuf", order());
        protobuf("protobuf defaults", Order.newBuilder().setId(1).build());
        CASES.put("protobuf fault", c -> {
            SofaRpcException e = thrown(SofaRpcException.class, () -> orders(c).summarize(Order.newBuilder().setId(13).setFail(true).build()));
            return expect("order 13 失败", e.getMessage());
        });
    }

    private static OrderService orders(Caller caller) {
        return caller.service(OrderService.class, "protobuf", config -> config.setSerialization("protobuf"));
    }

    private static void protobuf(String name, Order order) {
        CASES.put(name, c -> {
            com.lab.proto.Summary want = Others.Orders.summaryOf(order);
            com.lab.proto.Summary got = orders(c).summarize(order);
            if (!want.equals(got)) {
                throw new Lines.Wrong("expected " + want + " got " + got);
            }
            return "ok";
        });
    }

    static Order order() {
        return Order.newBuilder().setId(9007199254740993L).setTitle("订单 😀").addItems(Item.newBuilder().setName("apple").setAmount(3))
            .addItems(Item.newBuilder().setName("pear").setAmount(1L << 40)).setLevel(Level.HIGH).setBlob(ByteString.copyFrom(Values.pattern(5)))
            .putCounts("a", 1).putCounts("b", -2).setPrice(1.5).build();
    }

    private static SlowService callback(Caller caller, String name, CompletableFuture<Object> answer) {
        return caller.service(SlowService.class, name, config -> config.setInvokeType("callback").setOnReturn(callback(answer)));
    }

    private static SofaResponseCallback<Object> callback(CompletableFuture<Object> answer) {
        return new SofaResponseCallback<Object>() {
            @Override
            public void onAppResponse(Object value, String method, RequestBase request) {
                answer.complete(value);
            }

            @Override
            public void onAppException(Throwable error, String method, RequestBase request) {
                answer.complete(error);
            }

            @Override
            public void onSofaException(SofaRpcException error, String method, RequestBase request) {
                answer.complete(error);
            }
        };
    }

    interface FaultCase {
        Object run(FaultService faults) throws Throwable;
    }

    private static void fault(String name, FaultCase run) {
        CASES.put("fault " + name, caller -> run.run(caller.service(FaultService.class)));
    }

    interface JsonCase {
        Object run(JsonService json) throws Throwable;
    }

    private static void json(String name, JsonCase run) {
        CASES.put(name, caller -> run.run(caller.service(JsonService.class, "json", config -> config.setSerialization("json"))));
    }
}
