package com.lab.run;

import com.alipay.remoting.Url;
import com.alipay.remoting.rpc.protocol.RpcProtocolV2;
import com.alipay.sofa.rpc.client.ProviderInfo;
import com.alipay.sofa.rpc.config.ConsumerConfig;
import com.alipay.sofa.rpc.ext.Extension;
import com.alipay.sofa.rpc.ext.ExtensionLoaderFactory;
import com.alipay.sofa.rpc.transport.ClientTransport;
import com.alipay.sofa.rpc.transport.ClientTransportConfig;
import com.alipay.sofa.rpc.transport.bolt.BoltClientTransport;

/**
 * SOFARPC's Bolt client, where a consumer of choice speaks version 2 without CRC. SOFARPC by itself speaks version 1 alone,
 * and has no setting for it.
 */
@Extension(value = "bolt", override = true)
public final class BoltVersion2 extends BoltClientTransport {
    private static final String PARAMETER = "boltVersion";
    private static boolean isLoaded;

    private BoltVersion2(ClientTransportConfig config) {
        super(config);
    }

    /** Unmodified until the first consumer asks for it. */
    static synchronized void speak(ConsumerConfig<?> config) {
        if (!isLoaded) {
            ExtensionLoaderFactory.getExtensionLoader(ClientTransport.class).loadExtension(BoltVersion2.class);
            isLoaded = true;
        }
        config.setParameter(PARAMETER, "2");
    }

    @Override
    protected Url convertProviderToUrl(ClientTransportConfig config, ProviderInfo provider) {
        Url url = super.convertProviderToUrl(config, provider);
        if (config.getConsumerConfig().getParameter(PARAMETER) != null) {
            url.setProtocol(RpcProtocolV2.PROTOCOL_CODE);
            // There is a CRC in its second version only.
            url.setVersion(RpcProtocolV2.PROTOCOL_VERSION_1);
        }
        return url;
    }
}
