/** A registry's URL for messages, logs and files: without user, password and query, which may hold another password. */
export function registryName(url: string): string {
  // Up to the last @, wherever that is: a password may hold any character, and a name that lost too much does no harm.
  return url
    .trim()
    .replace(/^([a-z][a-z0-9+.-]*:\/\/).*@/is, '$1')
    .replace(/\?.*$/s, '');
}
