// Built by lib/self.mjs from self-source.ts.
export { codec, copied } from '../.build/codec.js';
