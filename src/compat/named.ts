/**
 * The classes of a module, under the names that they had: logs and messages show them, and a bundler gives classes others.
 * @param others those whose name was not that of their export.
 */
export function named<T extends object>(classes: T, others: Record<string, string> = {}): T {
  for (const [key, value] of Object.entries(classes))
    if (typeof value === 'function') Object.defineProperty(value, 'name', { value: others[key] ?? key });
  return classes;
}
