import { TraceDatError } from './error.ts';

/** Where things stand in a ring-buffer page, from the file's own description of it. */
export interface PageFormat {
  /** Offset and size of the word that holds the number of bytes used, and flags. */
  readonly commitOffset: number;
  readonly commitSize: 4 | 8;
  /** Offset of the first event. */
  readonly dataOffset: number;
}

const fieldLine = /field:\s*\S+\s+(\w+)(?:\[[^\]]*\])?;\s*offset:(\d+);\s*size:(\d+);/g;

/**
 * Reads the description that `events/header_page` gave when the recording was made.
 * @throws TraceDatError `TRACE_DAT_FORMAT`
 */
export function parsePageFormat(text: string, longSize: 4 | 8, pageSize: number): PageFormat {
  let commit: { offset: number; size: number } | undefined;
  let data: number | undefined;
  let timestamp: number | undefined;
  for (const [, name, offset, size] of text.matchAll(fieldLine)) {
    if (name === 'commit') commit = { offset: Number(offset), size: Number(size) };
    if (name === 'data') data = Number(offset);
    if (name === 'timestamp') timestamp = Number(offset);
  }
  // Kernels before 2.6.30 had no header_page; the form has not changed since.
  if (text.trim() === '') return { commitOffset: 8, commitSize: longSize, dataOffset: 8 + longSize };
  const sane =
    timestamp === 0 &&
    commit !== undefined &&
    data !== undefined &&
    (commit.size === 4 || commit.size === 8) &&
    commit.offset >= 8 &&
    data >= commit.offset + commit.size &&
    data < pageSize;
  if (!sane || commit === undefined || data === undefined) {
    throw new TraceDatError(
      'TRACE_DAT_FORMAT',
      0,
      'the description of the ring-buffer pages (header_page) makes no sense: the file is damaged',
    );
  }
  return { commitOffset: commit.offset, commitSize: commit.size as 4 | 8, dataOffset: data };
}
