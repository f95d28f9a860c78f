import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Finding } from './finding.js';
import type { FileChange } from './plan.js';

/**
 * Writes the changes of a plan: each file at once, through one beside it that takes its name, so that none is ever half
 * written. What cannot be written is told, and does not stop the rest.
 */
export async function writeChanges(root: string, files: readonly FileChange[]): Promise<Finding[]> {
  const failed: Finding[] = [];
  for (const change of files) {
    const { path } = change.read.file;
    try {
      await writeOne(join(root, path), change);
    } catch (error) {
      failed.push({
        file: path,
        line: 1,
        column: 1,
        topic: 'file',
        message: `not written: ${(error as Error).message}`,
      });
    }
  }
  return failed;
}

async function writeOne(path: string, { read, edits }: FileChange): Promise<void> {
  if (!(await readFile(path)).equals(read.bytes))
    throw new Error('somebody else changed it in the meantime; run again');
  const { mode } = await lstat(path);
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.sofa-mesh`);
  const file = await open(beside, 'wx', mode);
  try {
    await file.writeFile(read.file.edited(edits)).finally(() => file.close());
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
