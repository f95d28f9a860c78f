import { decodeFault } from '../../hessian/faults.js';

/** Lists that hold one another by reference could make a text without end. */
const MAX_CHARS = 65_536;

/**
 * The text that JavaScript makes of a decoded value, without asking the value: its fields, `toString` too, are what a
 * peer says they are.
 *
 * @throws MeshError DECODE_FAILED where a list makes a text that is too long.
 */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Date) return String(value);
  if (Buffer.isBuffer(value)) return value.toString();
  if (value instanceof Error) return errorText(value);
  return Array.isArray(value) ? listText(value, { left: MAX_CHARS }) : '[object Object]';
}

function errorText({ name, message }: { name: unknown; message: unknown }): string {
  return [name, message]
    .map(textOf)
    .filter((text) => text !== '')
    .join(': ');
}

function listText(list: readonly unknown[], budget: { left: number }, within: unknown[] = []): string {
  // A list in itself is empty, as Array.prototype.join has it.
  if (within.includes(list)) return '';
  const texts = list.map((item) => {
    let text = '';
    if (Array.isArray(item)) text = listText(item, budget, [...within, list]);
    else if (item !== null && item !== undefined) text = textOf(item);
    budget.left -= text.length + 1;
    if (budget.left < 0)
      throw decodeFault(`a list where a text is due makes more than ${MAX_CHARS} characters`);
    return text;
  });
  return texts.join(',');
}
