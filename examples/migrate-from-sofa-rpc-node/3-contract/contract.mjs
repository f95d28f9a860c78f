import { defineClass, defineService, t } from 'sofa-mesh-sdk';

export const Article = defineClass('com.acme.stock.Article', {
  name: t.String.notNull(),
  left: t.int,
  serial: t.long,
});

export const Stock = defineService('com.acme.stock.StockService', {
  // Idempotent: where a sidecar dies over it, it is asked directly.
  find: { args: [t.String], returns: Article, idempotent: true },
});
