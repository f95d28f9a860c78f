import { defineClass, defineService, t } from 'sofa-mesh-sdk';

export const Article = defineClass('com.acme.stock.Article', {
  name: t.String.notNull(),
  left: t.int, // a reservation between the two calls of a comparison changes it
  askedAt: t.Date.notNull(),
});

export const Stock = defineService('com.acme.stock.StockService', {
  // Idempotent: may be compared, and repeated where the sidecar dies over it.
  find: { args: [t.String.notNull()], returns: Article, idempotent: true },
  reserve: { args: [t.String.notNull(), t.int], returns: t.int },
});
