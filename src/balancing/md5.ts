/** Of RFC 1321: the sines of 1 to 64, and by how many bits each step of each round turns. */
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));
const TURNS = Int32Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21);
const WORDS = 16;

/**
 * The MD5 of a text in UTF-8, as four words of 32 bits: to spread keys, not to keep anything safe. node:crypto takes three
 * times as long for a short text, and refuses MD5 where FIPS rules.
 */
export function md5(text: string): Int32Array {
  const words = asciiWords(text) ?? utf8Words(text);
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < words.length; block += WORDS) mix(state, words, block);
  return state;
}

/** The text in words, undefined where it is not ASCII. A text buffer would cost more than all the rest. */
function asciiWords(text: string): Int32Array | undefined {
  const words = paddedWords(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    words[i >> 2] |= code << ((i & 3) * 8);
  }
  return words;
}

function utf8Words(text: string): Int32Array {
  const bytes = Buffer.from(text);
  const words = paddedWords(bytes.length);
  for (let i = 0; i < bytes.length; i++) words[i >> 2] |= bytes[i] << ((i & 3) * 8);
  return words;
}

/** Room for `length` bytes, and behind them a bit, zeros, and the length in bits, up to a full block. */
function paddedWords(length: number): Int32Array {
  const words = new Int32Array(((length + 8) >> 6) * WORDS + WORDS);
  words[length >> 2] = 0x80 << ((length & 3) * 8);
  words[words.length - 2] = length << 3;
  words[words.length - 1] = length >>> 29;
  return words;
}

function mix(state: Int32Array, words: Int32Array, block: number): void {
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  for (let step = 0; step < 64; step++) {
    const round = step >> 4;
    let mixed: number;
    let word: number;
    if (round === 0) {
      mixed = (b & c) | (~b & d);
      word = step;
    } else if (round === 1) {
      mixed = (d & b) | (~d & c);
      word = (5 * step + 1) & 15;
    } else if (round === 2) {
      mixed = b ^ c ^ d;
      word = (3 * step + 5) & 15;
    } else {
      mixed = c ^ (b | ~d);
      word = (7 * step) & 15;
    }
    const sum = (a + mixed + SINES[step] + words[block + word]) | 0;
    const turn = TURNS[(round << 2) | (step & 3)];
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}
