import { add, choose, kernelFunction, note, type Op, op, set, type Thread, when } from '@faultpath/engine';
import { type LockIdentity, lockEvent, type ModelEvent } from '../events.ts';
import { memalloc_noio_restore, memalloc_noio_save } from '../locks/memalloc.ts';
import type { LoopDevice, Machine, SuperBlock } from '../machine/types.ts';

function identity({ io }: LoopDevice): LockIdentity {
  return { lock: 'loop_io', instance: io.name, kind: 'completion' };
}

/** Queues one request. */
function submit({ name, waiting }: LoopDevice): Op {
  return op(`submit I/O to ${name}`, [{ when: [], does: [add(waiting, 1)], result: 0 }]);
}

/** Waits for a request. All are alike, so that it need not be the one that this task submitted. */
function completed({ name, io, waiting, done }: LoopDevice): Op {
  const goOn = { when: [when(done, '==', 1)], does: [set(done, 0), add(waiting, -1)], result: 0 };
  return op(`wait for I/O of ${name}`, [goOn], { object: io, mode: 'shared' });
}

/**
 * Block I/O of a filesystem, up to its end. A disk only takes time; a loop device has a worker that has to get on.
 *
 * @kernel block/bio.c submit_bio_wait v6.1
 * @locks whatever the task holds stays held
 * @omits I/O that nobody waits for; merging, plugging, and throttling by cgroup; the bio's own allocation, which has a pool
 */
export const submit_bio_wait = kernelFunction('submit_bio_wait', function* (_env: Machine, sb: SuperBlock) {
  const device = sb.s_bdev;
  if (device === undefined) return 0;
  const { lock, instance, kind } = identity(device);
  yield submit(device);
  const event: ModelEvent = { type: 'wait', lock, instance, kind };
  yield note('wait for I/O', event);
  yield completed(device);
  return 0;
});

/**
 * Serves one request with the file below: writes to it, or makes it durable where the request asks for a flush.
 *
 * @kernel drivers/block/loop.c do_req_filebacked v6.1
 * @locks none of its own; the worker's submitters wait
 * @omits reads, which need no more; discards; transfers that encrypt
 */
export const do_req_filebacked = kernelFunction('do_req_filebacked', function* (env: Machine, device: LoopDevice) {
  const { lo_backing_file, use_dio } = device;
  const { write_iter, fsync } = lo_backing_file.i_sb.fs.f_op;
  const flush = yield choose(2, 'the request is a flush');
  if (flush === 1) {
    if (fsync !== undefined) yield* fsync(env, lo_backing_file);
    return 0;
  }
  if (write_iter !== undefined) yield* write_iter(env, lo_backing_file, use_dio ? 1 : 0);
  return 0;
});

/**
 * The worker of a loop device: one request after the other, from v5.3 on in a NOIO scope. There is one, as there is for
 * the requests of one cgroup. Whoever waits goes on before the next request begins, as nothing can keep them.
 *
 * @kernel drivers/block/loop.c loop_process_work v6.1
 * @locks none; what it does is waited for
 * @omits PF_LESS_THROTTLE and PF_LOCAL_THROTTLE, which are about dirty pages; one worker for each further cgroup, since v5.14
 */
export const loop_process_work = kernelFunction('loop_process_work', function* (env: Machine, device: LoopDevice) {
  const { name, io, waiting, done } = device;
  yield op(`${name} begins a request`, [
    {
      when: [when(waiting, '>=', 1), when(done, '==', 0)],
      does: [],
      result: 0,
      acquires: [{ object: io, mode: 'exclusive' }],
      event: lockEvent(identity(device), 'acquired', 'exclusive', true),
    },
  ]);
  const scoped = workerScope(env);
  const saved = scoped ? yield memalloc_noio_save(env, 'loop_process_work') : 0;
  yield* do_req_filebacked(env, device);
  if (scoped) yield memalloc_noio_restore(env, saved, 'loop_process_work');
  yield op(`${name} ends a request`, [
    {
      when: [],
      does: [set(done, 1)],
      result: 0,
      releases: [{ object: io, mode: 'exclusive' }],
      event: lockEvent(identity(device), 'release', 'exclusive'),
    },
  ]);
  return 0;
});

function workerScope({ era, changes }: Machine): boolean {
  if (changes.includes('loop-worker-unscoped')) return false;
  return era.loopWorkerNoio.is || changes.includes('loop-worker-noio');
}

/** The worker as a thread of the model. */
export function loopThread(env: Machine, device: LoopDevice): Thread {
  return { name: device.name, start: loop_process_work(env, device), daemon: true, repeat: true };
}
