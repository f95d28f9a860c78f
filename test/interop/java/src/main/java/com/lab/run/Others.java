package com.lab.run;

import com.alipay.sofa.rpc.common.RpcConstants;
import com.alipay.sofa.rpc.context.RpcInvokeContext;
import com.alipay.sofa.rpc.core.exception.SofaRpcException;
import com.alipay.sofa.rpc.core.request.SofaRequest;
import com.alipay.sofa.rpc.core.response.SofaResponse;
import com.alipay.sofa.rpc.filter.Filter;
import com.alipay.sofa.rpc.filter.FilterInvoker;
import com.google.protobuf.ByteString;
import com.lab.ContextService;
import com.lab.GreetService;
import com.lab.JsonService;
import com.lab.NotFoundException;
import com.lab.NoteService;
import com.lab.OrderService;
import com.lab.Person;
import com.lab.proto.Item;
import com.lab.proto.Order;
import com.lab.proto.Summary;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The small services. */
final class Others {
    private Others() {
    }

    static final class Notes implements NoteService {
        private final List<String> notes = new ArrayList<>();

        @Override
        public synchronized void note(String text) {
            notes.add(text);
        }

        @Override
        public void failingNote(String text) {
            note(text);
            throw new IllegalStateException("nobody hears this");
        }

        @Override
        public synchronized List<String> notes() {
            return new ArrayList<>(notes);
        }

        @Override
        public synchronized int count() {
            return notes.size();
        }
    }

    static final class Greeter implements GreetService {
        private final String who;

        Greeter(String who) {
            this.who = who;
        }

        @Override
        public String greet(String name) {
            return who + " greets " + name;
        }
    }

    /** Keeps the request for ContextService, which sees only its arguments otherwise. */
    static final class Watch extends Filter {
        static final ThreadLocal<SofaRequest> REQUEST = new ThreadLocal<>();

        @Override
        public SofaResponse invoke(FilterInvoker invoker, SofaRequest request) throws SofaRpcException {
            REQUEST.set(request);
            try {
                return invoker.invoke(request);
            } finally {
                REQUEST.remove();
            }
        }
    }

    static final class Context implements ContextService {
        @Override
        public String header(String key) {
            return headers().get(key);
        }

        @Override
        @SuppressWarnings("unchecked")
        public Map<String, String> headers() {
            Object headers = RpcInvokeContext.getContext().get(RpcConstants.SOFA_REQUEST_HEADER_KEY);
            return headers == null ? new TreeMap<>() : new TreeMap<>((Map<String, String>) headers);
        }

        @Override
        public Map<String, String> props() {
            Map<String, String> out = new TreeMap<>();
            Map<String, Object> props = Watch.REQUEST.get().getRequestProps();
            if (props != null) {
                props.forEach((key, value) -> out.put(key, String.valueOf(value)));
            }
            return out;
        }

        @Override
        public String baggage(String key) {
            RpcInvokeContext context = RpcInvokeContext.getContext();
            String value = context.getRequestBaggage(key);
            context.putResponseBaggage("answer", "for " + value);
            return value;
        }
    }

    static final class Json implements JsonService {
        @Override
        public String describe(Person person) {
            return People.text(person);
        }

        @Override
        public Person find(long id) {
            Person out = Values.person("full");
            out.id = id;
            return out;
        }

        @Override
        public String join(String a, int b, List<String> c) {
            return a + " " + b + " " + c;
        }

        @Override
        public Map<String, Integer> count(List<String> words) {
            Map<String, Integer> out = new TreeMap<>();
            for (String word : words) {
                out.merge(word, 1, Integer::sum);
            }
            return out;
        }

        @Override
        public String none() {
            return "no arguments";
        }

        @Override
        public String fail(String message) throws NotFoundException {
            throw new NotFoundException(message, 9, "json");
        }

        @Override
        public List<Person> crowd(int size) {
            List<Person> out = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                Person person = Values.person("bare");
                person.id = i;
                out.add(person);
            }
            return out;
        }
    }

    static final class Orders implements OrderService {
        @Override
        public Summary summarize(Order order) {
            if (order.getFail()) {
                throw new IllegalStateException("order " + order.getId() + " 失败");
            }
            return summaryOf(order);
        }

        static Summary summaryOf(Order order) {
            long total = 0;
            StringBuilder text = new StringBuilder(order.getId() + " " + order.getTitle() + " " + order.getLevel());
            for (Item item : order.getItemsList()) {
                total += item.getAmount();
                text.append(" ").append(item.getName());
            }
            text.append(" ").append(new TreeMap<>(order.getCountsMap())).append(" ").append(order.getPrice());
            byte[] blob = order.getBlob().toByteArray();
            for (int i = 0, j = blob.length - 1; i < j; i++, j--) {
                byte swap = blob[i];
                blob[i] = blob[j];
                blob[j] = swap;
            }
            return Summary.newBuilder().setText(text.toString()).setTotal(total).setLevel(order.getLevel())
                .setBlob(ByteString.copyFrom(blob)).build();
        }
    }
}
