import type { MaskFact } from '@faultpath/lockdep';
import { type SourceRecord, symbolName } from '../record.ts';
import { fieldName, type Word } from '../word.ts';
import type { Classifier } from './classifier.ts';
import { nameContended } from './contention.ts';
import { lockSyncEntry } from './dax-fault.ts';
import type { Draft } from './event-queue.ts';
import type { FaultReclaim, TaskState } from './task-state.ts';
import { AllocView, LockView } from './views.ts';

const ACCOUNT: readonly string[] = ['__GFP_ACCOUNT'];

const GFP_FLAGS = fieldName('gfp_flags');
const ORDER = fieldName('order');
const PFN = fieldName('pfn');
const CALL_SITE = fieldName('call_site');
const ACCOUNTED = fieldName('accounted');

const UNKNOWN: MaskFact = { how: 'unknown' };

/** Records of the same task after which an allocation's site is no longer looked for. */
const WAIT = 3;

/** With lockdep the locks that printing a backtrace takes stand between an event and its backtrace. */
const WAIT_LOCKDEP = 24;

/** `mm_page_alloc`: the mask after the scopes, but no caller. */
export function onPageAlloc(to: Classifier, task: TaskState, record: SourceRecord): void {
  to.learnKernel(record);
  to.closeDraft(task);
  const mask = record.word(GFP_FLAGS);
  const order = record.number(ORDER) ?? 0;
  const effective = to.masks.fact(mask, 'recorded');
  const site = siteOf(to, task, mask, order);
  // Between making the blocks durable and mapping them only the page table allocates such pages.
  if (task.afterSync !== undefined && site !== 'unknown') lockSyncEntry(to, task, to.whereOf(record));
  const charged = to.masks.has(mask, ACCOUNT);
  const event = new AllocView(task.name, to.whereOf(record), site, UNKNOWN, effective, order, charged);
  if (entersFs(effective)) task.mayEnterFs.pop();
  task.draftPfn = record.word(PFN);
  attributeReclaim(task, event);
  to.emitDraft(task, { event, left: to.lockdepSeen ? WAIT_LOCKDEP : WAIT, open: true });
}

/** `kmalloc` and its like: the mask as the caller passed it; the scopes are applied here. */
export function onKmem(to: Classifier, task: TaskState, record: SourceRecord): void {
  to.learnKernel(record);
  const { masks } = to;
  const mask = record.word(GFP_FLAGS);
  const callSite = record.word(CALL_SITE);
  const site = callSite === undefined ? 'unknown' : to.callers.of(callSite).symbol;
  let effective = masks.inScopes(mask, task.nofs > 0, task.noio > 0);
  if (task.draft !== undefined) settleDraft(to, task, record);
  if (entersFs(effective) && !enteredFsReclaim(to, task, site)) {
    effective = masks.inScopes(mask, true, task.noio > 0);
  }
  const charged = record.word(ACCOUNTED)?.text === 'true' || masks.has(mask, ACCOUNT);
  const requested = masks.fact(mask, 'recorded');
  to.emitView(task, new AllocView(task.name, to.whereOf(record), site, requested, effective, undefined, charged));
}

/** More are never open at once; what is left over belongs to allocations that print no event. */
const MAX_MAY_ENTER_FS = 8;

/** The task takes `fs_reclaim`: an allocation that may enter a filesystem begins. */
export function noteMayEnterFs(task: TaskState, event: LockView): void {
  if (task.mayEnterFs.length >= MAX_MAY_ENTER_FS) task.mayEnterFs.shift();
  task.mayEnterFs.push(event);
}

const entersFs = (mask: MaskFact): boolean =>
  mask.fs === true && mask.directReclaim === true && mask.nolockdep !== true;

/**
 * Whether the kernel's own lockdep had this allocation enter `fs_reclaim`. Where it did not, the task was in a scope that
 * left no event. Only a recording of every lock can tell: one in which those stand that no vocabulary knows.
 */
function enteredFsReclaim(to: Classifier, task: TaskState, site: string): boolean {
  if (!to.lockdepSeen || to.counts.atomicLocks === 0 || task.reclaim.length > 0) return true;
  const at = task.mayEnterFs.findLastIndex(
    ({ backtrace }) => backtrace === undefined || PLUMBING.test(site) || backtrace.includes(site),
  );
  if (at !== -1) task.mayEnterFs.splice(at, 1);
  return at !== -1;
}

/** The allocator prints its event when it has a page, so the reclaim that it entered stands before. */
function attributeReclaim(task: TaskState, event: AllocView): void {
  const { fault } = task;
  if (fault === undefined || fault.reclaims.length === 0) return;
  for (const reclaim of fault.reclaims) {
    if (!reclaim.over || reclaim.enteredBy !== undefined || !mayHaveEntered(event, reclaim)) continue;
    reclaim.enteredBy = event;
  }
}

/** A memory cgroup's reclaim prints a mask that has only what reclaim asks for from the allocation's own. */
function mayHaveEntered({ effective, charged }: AllocView, reclaim: FaultReclaim): boolean {
  if (reclaim.via === 'direct') return reclaim.effective.text === effective.text;
  return charged === true && reclaim.effective.fs === effective.fs && reclaim.effective.io === effective.io;
}

/** The site by what stands around the allocation; `unknown` where no rule fits. */
function siteOf(to: Classifier, task: TaskState, mask: Word | undefined, order: number): string {
  for (const rule of to.vocabulary.sites) {
    if (rule.order !== undefined && rule.order !== order) continue;
    if (rule.when === 'in-fault' && task.fault === undefined) continue;
    if (rule.when === 'in-dax-mapping' && task.dax?.entryHeld !== true && task.afterSync === undefined) continue;
    if (rule.when === 'in-page-cache' && task.fault?.route !== 'page') continue;
    if (to.masks.has(mask, rule.mask)) return rule.site;
  }
  return 'unknown';
}

/** A later record of the same task may tell who allocated. */
export function settleDraft(to: Classifier, task: TaskState, record: SourceRecord): void {
  const { draft } = task;
  if (draft === undefined) return;
  const { event } = draft;
  if (event instanceof AllocView && !to.lockdepSeen) {
    const { name } = record.event;
    if (name === 'mm_filemap_add_to_page_cache' && record.word(PFN)?.text === task.draftPfn?.text) {
      event.site = '__filemap_get_folio';
      to.closeDraft(task);
      return;
    }
    const slab = name.startsWith('kmem_cache_alloc') || name.startsWith('kmalloc');
    // Only the slab allocator asks for its pages without retries; the record after names for whom.
    if (slab && event.site === 'unknown' && event.effective.text?.includes('__GFP_NORETRY') === true) {
      event.site = to.intern(record.getSymbol('call_site') ?? 'unknown');
      event.backtrace = ['new_slab', event.site];
      to.closeDraft(task);
      return;
    }
  }
  draft.left -= 1;
  if (draft.left <= 0) to.closeDraft(task);
}

/** Functions of the allocator, of tracing and of lockdep, under which the interesting caller stands. */
const PLUMBING =
  /^(trace_event_|perf_|bpf_|lock_acquire$|fs_reclaim_|__?alloc_pages|alloc_pages|__folio_alloc|folio_alloc|__get_free_pages|get_zeroed_page|kmem_cache_alloc|__kmem_cache_alloc|kmalloc|__kmalloc|kmem_alloc|___slab_alloc|__slab_alloc|new_slab|allocate_slab|slab_|post_alloc_hook|get_page_from_freelist|might_alloc|vma_alloc_folio|__perf_)/;

/** A backtrace of the task's last event that asked for one. */
export function attachStack(to: Classifier, task: TaskState, stack: readonly string[]): void {
  const { draft } = task;
  if (draft === undefined) return;
  const names = stack.map((entry) => Buffer.from(symbolName(entry), 'latin1').toString('latin1'));
  const about = names[0]?.replace(/^trace_event_raw_event_/, '') ?? '';
  const { event } = draft;
  if (event instanceof LockView && event.action === 'contended') {
    nameContended(to, event, names);
    to.closeDraft(task);
    return;
  }
  if (about === 'lock_acquire' && !(event instanceof LockView)) return;
  if (about === 'mm_page_alloc' && !(event instanceof AllocView)) return;
  const from = names.findIndex((name) => !PLUMBING.test(name));
  const backtrace = from === -1 ? names : names.slice(from);
  if (event instanceof AllocView) {
    event.backtrace = backtrace;
    event.site = names[from] ?? event.site;
  } else event.shape = event.shape.withBacktrace(backtrace);
  to.closeDraft(task);
}

/** Holds a lock event back until its backtrace has come; for `fs_reclaim`, whose backtrace is its whole point. */
export function awaitStack(event: LockView): Draft {
  return { event, left: WAIT_LOCKDEP, open: true };
}
