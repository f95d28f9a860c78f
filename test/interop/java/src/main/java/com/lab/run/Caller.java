package com.lab.run;

import com.alipay.sofa.rpc.api.GenericService;
import com.alipay.sofa.rpc.config.ApplicationConfig;
import com.alipay.sofa.rpc.config.ConsumerConfig;
import com.alipay.sofa.rpc.core.exception.SofaRpcException;
import com.alipay.sofa.rpc.core.request.SofaRequest;
import com.alipay.sofa.rpc.core.response.SofaResponse;
import com.alipay.sofa.rpc.filter.Filter;
import com.alipay.sofa.rpc.filter.FilterInvoker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Real SOFARPC consumers of one address: `host:port` of a provider, or a registry that knows them, `mesh://host:port` or
 * `zookeeper://host:port/root`. With `?bolt=v2` they speak version 2 of Bolt. A proxy of the same description is referred
 * once.
 */
final class Caller {
    private static final Map<String, Caller> CALLERS = new ConcurrentHashMap<>();

    private final String address;
    private final boolean isVersion2;
    private final Map<String, Object> proxies = new ConcurrentHashMap<>();
    private final List<ConsumerConfig<?>> configs = new ArrayList<>();

    private Caller(String address) {
        this.address = address.split("\\?")[0];
        isVersion2 = address.endsWith("?bolt=v2");
    }

    static Caller at(String address) {
        return CALLERS.computeIfAbsent(address, Caller::new);
    }

    static void forget(String address) {
        Caller caller = CALLERS.remove(address);
        if (caller != null) {
            caller.configs.forEach(ConsumerConfig::unRefer);
        }
    }

    <T> T service(Class<T> type) {
        return service(type, "", config -> {
        });
    }

    GenericService generic(String interfaceId) {
        return service(GenericService.class, "generic " + interfaceId, config -> config.setGeneric(true).setInterfaceId(interfaceId));
    }

    /** A consumer whose requests are changed on their way out, to make the mistakes that Java's own proxy never makes. */
    <T> T bent(Class<T> type, String name, Consumer<SofaRequest> change) {
        return service(type, "bent " + name, config -> config.setFilterRef(new ArrayList<>(Arrays.asList(new Filter() {
            @Override
            public SofaResponse invoke(FilterInvoker invoker, SofaRequest request) throws SofaRpcException {
                change.accept(request);
                return invoker.invoke(request);
            }
        }))));
    }

    @SuppressWarnings("unchecked")
    synchronized <T> T service(Class<T> type, String flavour, Consumer<ConsumerConfig<T>> more) {
        return (T) proxies.computeIfAbsent(type.getName() + " " + flavour, key -> {
            ConsumerConfig<T> config = new ConsumerConfig<T>().setInterfaceId(type.getName())
                .setApplication(new ApplicationConfig().setAppName("java-consumer")).setProtocol("bolt")
                .setTimeout(10000).setConnectTimeout(3000).setRetries(0).setRepeatedReferLimit(-1).setReconnectPeriod(1000);
            if (address.contains("://")) {
                // The address of a registry comes after refer() is back.
                config.setRegistry(Registries.at(address)).setInJVM(false).setCheck(false).setAddressWait(5000);
            } else {
                config.setDirectUrl("bolt://" + address).setRegister(false);
            }
            if (isVersion2) {
                BoltVersion2.speak(config);
            }
            more.accept(config);
            configs.add(config);
            return config.refer();
        });
    }
}
