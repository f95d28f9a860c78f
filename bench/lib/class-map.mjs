// What a class map of sofa-rpc-node and sofa-hessian-node says of an order.
export const classMap = {
  'com.acme.bench.Order': {
    id: { type: 'long' },
    customerId: { type: 'long' },
    sku: { type: 'java.lang.String' },
    title: { type: 'java.lang.String' },
    city: { type: 'java.lang.String' },
    quantity: { type: 'int' },
    status: { type: 'int' },
    price: { type: 'double' },
    paid: { type: 'boolean' },
    total: { type: 'double' },
  },
};
