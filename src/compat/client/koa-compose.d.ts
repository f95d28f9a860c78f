/** The part of koa-compose 4 that is used here; the package has no types of its own. */
declare module 'koa-compose' {
  export default function compose<C>(
    middlewares: ((context: C, next: () => Promise<void>) => unknown)[],
  ): (context: C) => Promise<void>;
}
