/** Names from before the first known release, what took their place, and what to tell the reader. */
export const OLD_NAMES: Readonly<Record<string, { readonly now: string; readonly note: string } | undefined>> = {
  __GFP_WAIT: {
    now: '__GFP_RECLAIM',
    note: '__GFP_WAIT is the name before 4.4; __GFP_RECLAIM took its place, read as that',
  },
  GFP_WAIT: {
    now: '__GFP_RECLAIM',
    note: 'GFP_WAIT is how traces before 4.4 print __GFP_WAIT; __GFP_RECLAIM took its place, read as that',
  },
};
