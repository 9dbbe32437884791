import { type CellResult, runConformance } from '@faultpath/conformance';
import { ext4 } from '@faultpath/ext4';
import { defineFilesystem, type EraName, type Filesystem, type PolicyName } from '@faultpath/mm';
import { xfs } from '@faultpath/xfs';
import { describe, expect, test } from 'vitest';

/** Advisories about read faults, with what they say it of. */
async function said(fs: Filesystem, era: EraName, policy: PolicyName): Promise<readonly string[]> {
  const cells: CellResult[] = [];
  await runConformance({
    adapters: [fs],
    era: [era],
    policy: [policy],
    case: ['dax/002'],
    onCell: ({ result }) => cells.push(result),
  });
  return cells.flatMap(({ findings }) =>
    findings.filter(({ level }) => level === 'advisory').map(({ rule, claim }) => `${rule} ${claim.split(' ')[0]}`),
  );
}

describe('gfp/mapping-mask', () => {
  const holePage = ['gfp/mapping-mask find_or_create_page', 'gfp/mapping-mask __radix_tree_preload'];

  test('is about the hole page of xfs up to v4.12, and about nothing later', async () => {
    for (const era of ['v4.9', 'v4.10', 'v4.12'] as const) expect(await said(xfs, era, 'core')).toEqual(holePage);
    for (const era of ['v5.15', 'v6.1', 'v6.12'] as const) expect(await said(xfs, era, 'core')).toEqual([]);
  });

  test('is silent where the mask is obeyed, and on ext4, which declares nothing', async () => {
    expect(await said(xfs, 'v4.9', 'chinner')).toEqual([]);
    expect(await said(ext4, 'v4.9', 'core')).toEqual([]);
  });

  test('twin: an ext4 that declares', async () => {
    const declares = defineFilesystem({
      ...ext4,
      mappingGfp: { without: '__GFP_FS', at: 'ext4_set_inode_flags', because: 'tried' },
    });
    expect(await said(declares, 'v4.9', 'core')).toEqual(holePage);
    expect(await said(declares, 'v4.9', 'chinner')).toEqual([]);
  });
});

test('gfp/mask-juggling is said of jiang, on either filesystem, and of no other policy', async () => {
  for (const era of ['v4.9', 'v6.1'] as const) {
    expect(await said(xfs, era, 'jiang')).toEqual(['gfp/mask-juggling xfs_dax_fault']);
    expect(await said(ext4, era, 'jiang')).toEqual(['gfp/mask-juggling ext4_dax_huge_fault']);
  }
  for (const policy of ['chinner', 'chinner+ext4', 'scope'] as const)
    expect(await said(ext4, 'v6.1', policy)).toEqual([]);
});
