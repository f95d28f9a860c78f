import { defineClass, defineEnum, defineError, defineService, t } from 'sofa-mesh-sdk';

export const Status = defineEnum('com.acme.demo.Status', ['PLACED', 'SHIPPED', 'RETURNED']);

export const Address = defineClass('com.acme.demo.Address', {
  city: t.String.notNull(),
  street: t.String,
});

export const Line = defineClass('com.acme.demo.Line', {
  article: t.String.notNull(),
  quantity: t.int,
  price: t.BigDecimal.notNull(),
});

export const Order = defineClass('com.acme.demo.Order', {
  id: t.long,
  status: Status.notNull(),
  total: t.BigDecimal.notNull(),
  placedAt: t.Instant.notNull(),
  deliverOn: t.LocalDate,
  shipTo: Address.notNull(),
  lines: t.List(Line.notNull()).notNull(),
  labels: t.Map(t.String.notNull(), t.String),
  get replaces() {
    return Order;
  },
});

export const OrderNotFound = defineError('com.acme.demo.OrderNotFoundException', { id: t.long });

export const Orders = defineService('com.acme.demo.OrderService', {
  find: { args: [t.long], returns: Order, throws: [OrderNotFound], idempotent: true },
  save: { args: [Order.notNull()], returns: Order.notNull() },
  /** Must not be executed twice: another one has another id. */
  place: { args: [t.long], returns: t.void },
  /** How often each was executed. */
  placed: { args: [], returns: t.Map(t.Long.notNull(), t.Int.notNull()).notNull() },
  next: { args: [t.long], returns: t.long },
  total: { args: [t.List(Line.notNull()).notNull()], returns: t.int },
  slowReport: { args: [], returns: t.String },
  reportsGivenUp: { args: [], returns: t.int },
});
