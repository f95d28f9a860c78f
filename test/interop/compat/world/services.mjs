/** The name under which scenarios host and call it. */
export const ECHO = 'com.test.Echo';

/** A service that does what it is told. */
export const echo = {
  /** @param {unknown} value */
  async echo(value) {
    return value;
  },

  /** @param {unknown[]} values */
  async all(...values) {
    return values;
  },

  async nothing() {},

  /** @param {string} message */
  async fail(message) {
    throw new Error(message);
  },

  /** An error with these fields. @param {Record<string, unknown>} fields */
  async failWith(fields) {
    throw Object.assign(new Error(String(fields.message)), fields);
  },

  /** @param {number} ms */
  async sleep(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  },

  /** The library answers that there is no such method: it is not an async function. */
  sync() {
    return 'sync';
  },
};
