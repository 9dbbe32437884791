import { COMPOUND_ROWS, SOURCE_NAME_ROWS } from './data/compounds.ts';
import { LAYOUT_ROWS, type LayoutRow } from './data/layouts.ts';
import { BIT_ORDER_COMPOUNDS, HAND_ORDER, TRACE_ONLY_COMPOUNDS, TRACE_ONLY_FLAGS } from './data/printers.ts';
import { GfpError } from './errors.ts';
import { type GfpRelease, gfpRelease, gfpSeries, seriesIndex } from './release.ts';

/** Kconfig options that give, name or move bits. One that is absent is not known, and is told from the mask. */
export interface GfpConfig {
  /** `CONFIG_LOCKDEP`: `__GFP_NOLOCKDEP` exists. */
  readonly lockdep?: boolean;
  /** `CONFIG_KASAN_HW_TAGS`: the SKIP flags of memory tagging exist. */
  readonly kasanHwTags?: boolean;
  /** `CONFIG_SLAB_OBJ_EXT`: `__GFP_NO_OBJ_EXT` exists (6.10 to 6.18), or has a name (6.19 on). */
  readonly slabObjExt?: boolean;
  /** `CONFIG_CMA`: moves no bit, but decides whether the NOCMA scope of 5.1 to 5.8 does anything. Taken as on. */
  readonly cma?: boolean;
}

/** The options that decide a layout, all of them known. */
export type GfpLayoutConfig = Required<Omit<GfpConfig, 'cma'>>;

/** Whose masks they are. */
export interface GfpOptions {
  /** A release: `4.9`, `v4.9`, `6.1.0-56-amd64`. */
  readonly kernel: string;
  readonly config?: GfpConfig;
}

/** One name of the printer, in its place. */
export interface GfpPrinterEntry {
  readonly name: string;
  readonly mask: number;
}

/** The gfp bits of one release and configuration. */
export interface GfpLayout {
  /** Named for the first release that had it: `v5.1`. */
  readonly id: string;
  /** The release series that share it. */
  readonly series: readonly string[];
  readonly config: GfpLayoutConfig;
  /** Mask of each single flag, `__GFP_DMA` and so on, in the order of the bits. */
  readonly bits: ReadonlyMap<string, number>;
  /** Mask of each combined name, `GFP_KERNEL` and so on. */
  readonly compounds: ReadonlyMap<string, number>;
  /** All bits that this layout can set. */
  readonly allBits: number;
  /** Names in the order in which the kernel tries them. */
  readonly printer: readonly GfpPrinterEntry[];
  /** Whether printk decodes masks (`%pGg`, from 4.6). */
  readonly printkNames: boolean;
  /** What a trace event prints for 0. */
  readonly traceZero: string;
}

/** The likeliest first: a stock kernel, then debug and tagging ones. */
const CONFIGS: readonly GfpLayoutConfig[] = [
  { lockdep: false, kasanHwTags: false, slabObjExt: true },
  { lockdep: true, kasanHwTags: false, slabObjExt: true },
  { lockdep: false, kasanHwTags: true, slabObjExt: true },
  { lockdep: true, kasanHwTags: true, slabObjExt: true },
  { lockdep: false, kasanHwTags: false, slabObjExt: false },
  { lockdep: true, kasanHwTags: false, slabObjExt: false },
  { lockdep: false, kasanHwTags: true, slabObjExt: false },
  { lockdep: true, kasanHwTags: true, slabObjExt: false },
];

const built = new Map<string, GfpLayout>();

/**
 * The layout of a release. Options that `config` leaves out count as a stock kernel has them: no lockdep, no
 * memory tagging, slab object extensions.
 * @throws GfpError `GFP_KERNEL_UNKNOWN`; `GFP_KERNEL_AMBIGUOUS` for 5.13, 6.7 and an unspecific 4.14, whose source was
 * not read far enough (functions that take a mask answer even there, wherever both candidates agree).
 */
export function gfpLayout(kernel: string, config: GfpConfig = {}): GfpLayout {
  const release = gfpRelease(kernel);
  const [id, other] = release.layouts;
  if (id === undefined || other !== undefined)
    throw ambiguous(release, `its layout is ${release.layouts.join(' or ')}`);
  return buildLayout(id, configsMatching(config)[0] as GfpLayoutConfig);
}

/** The error for a release whose candidates disagree. */
export function ambiguous(release: GfpRelease, what: string): GfpError {
  const before = gfpSeries()[release.index - 1];
  const after = gfpSeries()[release.index + 1];
  const near = [before, after].filter((series) => series !== undefined);
  const instead =
    release.series === '4.14' ? "'4.14.0' or '4.14.74'" : near.map((series) => `'${series}'`).join(' or ');
  return new GfpError(
    'GFP_KERNEL_AMBIGUOUS',
    `${release.series} is not settled: ${what}; give ${instead} instead`,
    near,
  );
}

/** Ids of all layouts, oldest first. */
export function gfpLayoutIds(): readonly string[] {
  return LAYOUT_ROWS.map((row) => row.id);
}

/** All configurations that agree with what is known, the likeliest first. */
export function configsMatching(config: GfpConfig = {}): readonly GfpLayoutConfig[] {
  return CONFIGS.filter(
    (full) =>
      (config.lockdep ?? full.lockdep) === full.lockdep &&
      (config.kasanHwTags ?? full.kasanHwTags) === full.kasanHwTags &&
      (config.slabObjExt ?? full.slabObjExt) === full.slabObjExt,
  );
}

/** Builds, or finds again, the layout of an id under a full configuration. */
export function buildLayout(id: string, config: GfpLayoutConfig): GfpLayout {
  const key = `${id} ${Number(config.lockdep)}${Number(config.kasanHwTags)}${Number(config.slabObjExt)}`;
  let layout = built.get(key);
  if (layout === undefined) {
    const row = LAYOUT_ROWS.find((candidate) => candidate.id === id);
    if (row === undefined) throw new GfpError('GFP_KERNEL_UNKNOWN', `'${id}' is no layout`, []);
    layout = build(row, config);
    built.set(key, layout);
  }
  return layout;
}

function build(row: LayoutRow, config: GfpLayoutConfig): GfpLayout {
  const order = LAYOUT_ROWS.indexOf(row);
  const bits = singleFlags(row, config);
  const masks = new Map(bits);
  const compounds = new Map<string, number>();
  for (const definition of definitionsAt(order)) {
    const mask = union(masks, definition.set) & ~union(masks, definition.clear ?? '');
    masks.set(definition.name, mask >>> 0);
    compounds.set(definition.name, mask >>> 0);
  }
  const series = gfpSeries().filter((name) => gfpRelease(name).layouts.includes(row.id));
  let allBits = 0;
  for (const mask of bits.values()) allBits |= mask;
  const traceOnly = order < layoutIndex('v4.6');
  return {
    id: row.id,
    series,
    config,
    bits,
    compounds,
    allBits: allBits >>> 0,
    printer: traceOnly ? traceOnlyPrinter(masks) : printerOf(order, bits, masks, config),
    printkNames: !traceOnly,
    traceZero: traceOnly ? 'GFP_NOWAIT' : 'none',
  };
}

function singleFlags(row: LayoutRow, config: GfpLayoutConfig): Map<string, number> {
  const bits = new Map<string, number>();
  let bit = 0;
  for (const entry of row.bits.split(' ')) {
    const [name, option] = entry.split('?') as [string, keyof GfpLayoutConfig | undefined];
    const exists = option === undefined || config[option];
    if (exists && name !== '-') bits.set(`__GFP_${name}`, (1 << bit) >>> 0);
    if (exists || row.packed !== true) bit++;
  }
  return bits;
}

/** The definitions in force; the last row of a name that covers the layout wins, and keeps the first one's place. */
function definitionsAt(order: number): Iterable<(typeof COMPOUND_ROWS)[number]> {
  const rows = new Map<string, (typeof COMPOUND_ROWS)[number]>();
  for (const row of COMPOUND_ROWS) {
    if (row.from !== undefined && order < layoutIndex(row.from)) continue;
    if (row.to !== undefined && order > layoutIndex(row.to)) continue;
    rows.set(row.name, row);
  }
  // GFP_TRANSHUGE is built from GFP_TRANSHUGE_LIGHT from 4.8 on, so it has to come last.
  const huge = rows.get('GFP_TRANSHUGE');
  if (huge !== undefined) {
    rows.delete('GFP_TRANSHUGE');
    rows.set('GFP_TRANSHUGE', huge);
  }
  return rows.values();
}

function union(masks: ReadonlyMap<string, number>, names: string): number {
  let mask = 0;
  for (const name of names.split(' ')) mask |= masks.get(name) ?? 0;
  return mask;
}

function layoutIndex(id: string): number {
  return LAYOUT_ROWS.findIndex((row) => row.id === id);
}

function traceOnlyPrinter(masks: ReadonlyMap<string, number>): GfpPrinterEntry[] {
  const flags = TRACE_ONLY_FLAGS.split(' ').map((name) => ({ name: `GFP_${name}`, mask: masks.get(`__GFP_${name}`) }));
  return [...named(TRACE_ONLY_COMPOUNDS, masks), ...flags].filter(hasMask);
}

function printerOf(
  order: number,
  bits: ReadonlyMap<string, number>,
  masks: ReadonlyMap<string, number>,
  config: GfpLayoutConfig,
): GfpPrinterEntry[] {
  if (order < layoutIndex('v6.15')) return named(HAND_ORDER, masks).filter(hasMask);
  // From 6.19 the bit of __GFP_NO_OBJ_EXT always exists, but only CONFIG_SLAB_OBJ_EXT gives it a name.
  const flags = [...bits.keys()].filter((name) => name !== '__GFP_NO_OBJ_EXT' || config.slabObjExt);
  return named(`${BIT_ORDER_COMPOUNDS} ${flags.join(' ')}`, masks).filter(hasMask);
}

function named(names: string, masks: ReadonlyMap<string, number>): { name: string; mask: number | undefined }[] {
  return names.split(' ').map((name) => ({ name, mask: masks.get(name) }));
}

function hasMask(entry: { name: string; mask: number | undefined }): entry is GfpPrinterEntry {
  return entry.mask !== undefined;
}

/** Combined names that call sites use and no printer knows (`GFP_PGTABLE_USER`), for a release and its layout. */
export function sourceName(name: string, release: GfpRelease, layout: GfpLayout): number | undefined {
  const row = SOURCE_NAME_ROWS.find((candidate) => candidate.name === name);
  if (row === undefined || release.index < seriesIndex(row.fromSeries)) return undefined;
  if (row.toSeries !== undefined && release.index > seriesIndex(row.toSeries)) return undefined;
  return union(new Map([...layout.bits, ...layout.compounds]), row.set) >>> 0;
}
