// The service as a user of this library writes it.
import { importSelf } from './self.mjs';

const { defineClass, defineService, t } = await importSelf();

/** `t.safeLong`, because every other library here reads a long as a number. */
export const Order = defineClass('com.acme.bench.Order', {
  id: t.safeLong,
  customerId: t.safeLong,
  sku: t.String,
  title: t.String,
  city: t.String,
  quantity: t.int,
  status: t.int,
  price: t.double,
  paid: t.boolean,
  total: t.double,
});

export const EchoService = defineService('com.acme.bench.EchoService', {
  order: { args: [Order], returns: Order },
  text: { args: [t.String], returns: t.String },
  bytes: { args: [t.bytes], returns: t.bytes },
});

/** For the calls that are kept in flight. */
export const HoldService = defineService('com.acme.bench.HoldService', {
  hold: { args: [t.int], returns: t.int },
});
