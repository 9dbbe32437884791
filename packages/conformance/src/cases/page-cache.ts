import type { Filesystem, InodeKind, MappingGfpRule } from '@faultpath/mm';
import { type CaseSetting, type ConformanceCase, defineCase, type Twin } from '../case.ts';
import { anyOf, besideFreeze, faultRules, faultsOf, reachableKinds, scenarioOf, threeFaults } from './scenario.ts';

/** Why a case of the page cache is not run here; undefined when it can be. */
function needsPageCache({ fs, era }: CaseSetting): string | undefined {
  if (!fs.supports.eras.includes(era)) return `${fs.name} is not modelled for ${era}`;
  return fs.supports.page_cache === true ? undefined : `${fs.name} has no model of its page cache`;
}

type Made = 'create' | 'mkdir' | 'symlink';

/** Why a case about making something in a directory is not run here. */
function needsToMake(setting: CaseSetting, made: readonly Made[]): string | undefined {
  const missing = made.find((each) => setting.fs.i_op?.[each] === undefined);
  return (
    needsPageCache(setting) ?? (missing === undefined ? undefined : `${setting.fs.name} has no model of ${missing}`)
  );
}

/** Memory may be so low that whoever may enter filesystems waits for kswapd. */
const throttling = { throttling: true } as const;

const withFs: MappingGfpRule = {
  eras: ['v4.9', 'v4.10', 'v4.12', 'v5.15', 'v6.1', 'v6.12'],
  without: '__GFP_HIGHMEM|__GFP_MOVABLE',
  at: 'the twin',
  because: 'FS is left in the mask',
};

/** The rule that decides the mask of a kind takes FS out. */
function clearsFs({ fs, era }: CaseSetting, kind: InodeKind): boolean {
  const rule = fs.mappingGfpByKind?.[kind]?.find(({ eras }) => eras.includes(era)) ?? fs.mappingGfp;
  return rule?.without.includes('__GFP_FS') === true;
}

/** The adapter with FS left in the mapping mask of one kind of inode. */
function keepsFs(kind: InodeKind): Pick<Twin, 'mutate' | 'applies'> {
  return {
    mutate: ({ fs }): Filesystem => ({ ...fs, mappingGfpByKind: { ...fs.mappingGfpByKind, [kind]: [withFs] } }),
    applies: (setting) => clearsFs(setting, kind),
  };
}

/** What is made in two directories, and the kind of inode whose pages are filled meanwhile. */
interface Creation extends Pick<ConformanceCase, 'id' | 'title' | 'guards'>, Pick<Twin, 'because'> {
  readonly made: readonly [Made, Made];
  readonly filled: InodeKind;
}

/** A case about making something. Its twin leaves FS in the mask that the pages are allocated with. */
function creation({ made, filled, because, ...named }: Creation): ConformanceCase {
  const [first, second] = made;
  return defineCase({
    ...named,
    groups: ['page', 'create', 'quick'],
    level: 'MUST',
    requires: (setting) => needsToMake(setting, made),
    scenario: (setting) => ({
      ...scenarioOf(setting, [{ kind: first }, { kind: second, directory: 1 }], anyOf(reachableKinds(setting))),
      ...throttling,
    }),
    rules: faultRules,
    twins: [
      {
        id: `${filled}-keeps-fs`,
        title: `inode setup leaves FS in the mapping mask of a ${filled}`,
        ...keepsFs(filled),
        caughtBy: 'engine/deadlock',
        because,
      },
    ],
  });
}

export const pageCacheReadFaults = defineCase({
  id: 'page/001',
  title: 'read faults through the page cache, against reclaim of every kind of inode',
  groups: ['page', 'read', 'quick'],
  level: 'MUST',
  guards: 'c20cd45eb017: the page of a read fault may be reclaimed for with FS, as nothing is held that reclaim needs',
  requires: needsPageCache,
  scenario: (setting) => ({
    ...faultsOf(setting, threeFaults('read-fault', 'read-fault', 'read-fault'), anyOf(reachableKinds(setting))),
    ...throttling,
  }),
  rules: faultRules,
  twins: [
    {
      id: 'without-mapping-mask',
      title: 'regular files keep FS in their mapping mask',
      ...keepsFs('regular'),
      applies: ({ fs, era }) => fs.name === 'nilfs2' && (era === 'v5.15' || era === 'v6.1' || era === 'v6.12'),
      caughtBy: 'engine/deadlock',
      because:
        'reading the page allocates with the mapping mask and the page locked, and a truncate waits for the page with its transaction open',
    },
  ],
});

export const pageCacheWriteFaults = defineCase({
  id: 'page/002',
  title: 'write faults through the page cache, against reclaim of every kind of inode',
  groups: ['page', 'write', 'quick'],
  level: 'MUST',
  guards: '63f3655f9501: the page-table page is allocated before the page is locked',
  requires: needsPageCache,
  scenario: (setting) => ({
    ...faultsOf(setting, threeFaults('write-fault', 'write-fault', 'write-fault'), anyOf(reachableKinds(setting))),
    ...throttling,
  }),
  rules: faultRules,
  twins: [],
});

export const pageCacheReadAgainstWrite = defineCase({
  id: 'page/003',
  title: 'a read fault and a write fault on one page of the page cache, ordinary inodes in reclaim',
  groups: ['page', 'read', 'write', 'quick'],
  level: 'MUST',
  guards: '730633f0b7f9: a fault holds invalidate_lock while it reads a page, and no lock of the filesystem',
  requires: needsPageCache,
  scenario: (setting) => ({
    ...faultsOf(setting, threeFaults('read-fault', 'write-fault', 'write-fault'), anyOf(['linked'])),
    ...throttling,
  }),
  rules: faultRules,
  twins: [],
});

export const symlinkCreation = creation({
  id: 'page/004',
  title: 'symbolic links are made, against reclaim of every kind of inode',
  guards:
    'b3a033e3ecd3: the page of a new symbolic link is allocated inside a transaction, so its mask must be without FS',
  made: ['symlink', 'symlink'],
  filled: 'symlink',
  because: 'the page is allocated with a lock held that kswapd waits for behind a writer',
});

export const entryCreation = creation({
  id: 'page/005',
  title: 'a file and a directory are made, against reclaim of every kind of inode',
  guards: '92d602bc7177: pages of a directory are read inside an operation, so their mask must be without FS',
  made: ['create', 'mkdir'],
  filled: 'directory',
  because: 'the page is allocated with a lock held that reclaim takes, behind a writer',
});

export const pageCacheFreeze = defineCase({
  id: 'page/006',
  title: 'a write fault through the page cache while the filesystem is frozen and thawed',
  groups: ['page', 'write', 'freeze'],
  level: 'MUST',
  guards: '14da9200140f: page_mkwrite takes the page-fault level of freeze protection',
  requires: needsPageCache,
  scenario: (setting) => faultsOf(setting, besideFreeze(), anyOf(['linked'])),
  rules: faultRules,
  twins: [],
});
