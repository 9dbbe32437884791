export { daxContracts } from './contracts.ts';
export {
  dax_delete_mapping_entry,
  dax_unlock_entry,
  entryIdentity,
  get_unlocked_entry,
  grab_mapping_entry,
} from './entry.ts';
export {
  dax_fault,
  dax_fault_iter,
  dax_finish_sync_fault,
  dax_insert_mapping,
  dax_iomap_fault,
  dax_iomap_pte_fault,
  dax_load_hole,
} from './fault.ts';
export { dax_iomap_pmd_fault, dax_pmd_load_hole, grab_huge_entry } from './pmd.ts';
export { dax_writeback_mapping_range, dax_writeback_one } from './writeback.ts';
