/** What both file versions say about themselves once their containers are opened; data pages are not read yet. */
export interface TraceDatLayout {
  readonly version: 6 | 7;
  readonly littleEndian: boolean;
  /** Bytes in a `long` of the recorded machine: 4 or 8. */
  readonly longSize: 4 | 8;
  readonly pageSize: number;
  /** `none`, `zlib`, `zstd`, or what the file names. */
  readonly compression: string;
  readonly headerPage: string;
  readonly headerEvent: string;
  /** Text of every event format in the file. */
  readonly formats: readonly FormatText[];
  /** Opens the symbol table; costly, so only done when the first symbol is asked for. Throws TraceDatError. */
  readonly kallsyms: () => Uint8Array;
  readonly printk: string;
  readonly cmdlines: string;
  readonly options: RecordingOptions;
  readonly buffers: readonly BufferLayout[];
  /** Pieces of the file that could not be used, in words; the recording is still readable. */
  readonly problems: readonly string[];
  /** The file ends before it should, and what is there was found by its form. */
  readonly cut?: boolean;
}

export interface FormatText {
  /** Event group, for example `xfs`; `ftrace` for the tracers' own events. */
  readonly system: string;
  readonly bytes: Uint8Array;
}

export interface RecordingOptions {
  readonly clock?: string;
  /** Nanoseconds that the recorder asks to add to every timestamp. */
  readonly timestampOffset: bigint;
  /** How to make nanoseconds from the counter of the recorded CPU. */
  readonly tsc?: { readonly mult: bigint; readonly shift: bigint; readonly offset: bigint };
  readonly uname?: string;
  readonly cpuCount?: number;
}

/** One ring buffer: the top one (name empty) or an instance. */
export interface BufferLayout {
  readonly name: string;
  readonly clock?: string;
  readonly pageSize: number;
  readonly compressed: boolean;
  readonly cpus: readonly CpuLayout[];
}

export interface CpuLayout {
  readonly cpu: number;
  /** File offset of its pages, or of its compressed chunks. */
  readonly offset: number;
  readonly size: number;
}

/** No metadata piece of a sane recording is larger; a damaged length must not become an allocation. */
export const maxMetaBytes = 256 * 1024 * 1024;

/** More CPUs than any kernel is built for; a damaged count must not become that many readers. */
export const maxCpus = 8192;
