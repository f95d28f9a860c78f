/** The sidecar of the demo: a process of its own, which can be killed, and ends with the one that forked it. */
import { DevSidecar } from 'sofa-mesh-sdk/testing';
import { Orders } from './contract.js';

process.once('disconnect', () => process.exit());

const [apiPort, egressPort, providerPort] = process.argv.slice(2).map(Number);
const sidecar = await DevSidecar.start({ apiPort, egressPort });
// What a real one learns from its registry.
sidecar.provide(Orders.id, [`127.0.0.1:${providerPort}`]);
process.send?.('ready');
